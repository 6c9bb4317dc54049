/** What is used of kafkajs at run time. It is CommonJS, and only some of its names can be imported from a module. */
import kafkajs from 'kafkajs';

export const { AssignerProtocol, CompressionCodecs, CompressionTypes, Kafka, logLevel } = kafkajs;
