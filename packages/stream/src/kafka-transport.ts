/** The transport over kafkajs. */
import type { Logger } from '@headrace/platform';
import type { Cluster } from 'kafkajs';
import { KafkaAdministration } from './administration.ts';
import { clientFactory, linkCluster } from './client.ts';
import { clusterSource } from './fetch.ts';
import { Membership } from './membership.ts';
import { connectSender } from './sender.ts';
import type { KafkaSettings } from './settings.ts';
import type { LinkedSource, Transport } from './transport.ts';

export function kafkaTransport(settings: KafkaSettings, log: Logger): Transport {
  const factory = clientFactory(settings, log);
  const administration = new KafkaAdministration(factory, log);
  return {
    settings,
    administration,
    connectSender: () => connectSender(factory),
    connectSource: async () => {
      const { cluster, close } = await linkCluster(factory);
      return linkedSource(cluster, close);
    },
    member: (group, topics, events, memberLog) => new Membership(factory, group, topics, events, memberLog),
    close: () => administration.close(),
  };
}

function linkedSource(cluster: Cluster, close: () => Promise<void>): LinkedSource {
  return {
    ...clusterSource(cluster),
    follow: async (topic) => {
      await cluster.addTargetTopic(topic);
      await cluster.refreshMetadataIfNecessary();
    },
    close,
  };
}
