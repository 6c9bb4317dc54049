/** One usage event, with a property for each field of the schema. One object is filled again and again. */
export class UsageEvent {
  source = '';
  event_id: string | null = null;
  service = '';
  iccid: string | null = null;
  imsi: string | null = null;
  msisdn: string | null = null;
  imei: string | null = null;
  /** Microseconds since 1970, as all times here. */
  start_time = 0;
  end_time: number | null = null;
  utc_offset_minutes = 0;
  bytes_up = 0;
  bytes_down = 0;
  seconds = 0;
  units = 0;
  amount: string | null = null;
  currency: string | null = null;
  plmn: string | null = null;
  rat: string | null = null;
  apn: string | null = null;
  rating_group: number | null = null;
  other_party: string | null = null;
  record_type: string | null = null;
  node: string | null = null;
  charging_id: number | null = null;
  record_sequence: number | null = null;
  opening_time: number | null = null;
  container_index: number | null = null;
  local_sequence: number | null = null;
  recording_function: string | null = null;
  charging_session: string | null = null;
  session_sequence: number | null = null;
  container_sequence: number | null = null;
  reference: string | null = null;
  cause_for_closing: number | null = null;
  /** Encoded last: one byte at the end of a datum. */
  retransmission = false;

  reset(): void {
    this.event_id = null;
    this.iccid = null;
    this.imsi = null;
    this.msisdn = null;
    this.imei = null;
    this.end_time = null;
    this.utc_offset_minutes = 0;
    this.bytes_up = 0;
    this.bytes_down = 0;
    this.seconds = 0;
    this.units = 0;
    this.amount = null;
    this.currency = null;
    this.plmn = null;
    this.rat = null;
    this.apn = null;
    this.rating_group = null;
    this.other_party = null;
    this.record_type = null;
    this.node = null;
    this.charging_id = null;
    this.record_sequence = null;
    this.opening_time = null;
    this.container_index = null;
    this.local_sequence = null;
    this.recording_function = null;
    this.charging_session = null;
    this.session_sequence = null;
    this.container_sequence = null;
    this.reference = null;
    this.cause_for_closing = null;
  }
}
