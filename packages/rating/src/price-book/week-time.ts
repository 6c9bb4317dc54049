/** Days of the week. */

/** 1 is Monday. @param date YYYY-MM-DD, a date that exists */
export function weekdayOf(date: string): number {
  return ((new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7) + 1;
}
