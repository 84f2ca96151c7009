// A back end reads what a device sends, with the SDK of Event Hubs; says what it saw.
// Arguments: tcp or websocket, and the device's id.
import device from 'azure-iot-device';
import mqtt from 'azure-iot-device-mqtt';
import { EventHubConsumerClient, earliestEventPosition, latestEventPosition } from '@azure/event-hubs';
import WebSocket from 'ws';

const COUNT = 20;
const [transport, id] = process.argv.slice(2);
const options = transport === 'websocket' ? { webSocketOptions: { webSocket: WebSocket } } : {};
const consumer = (connectionString = process.env.EVENTHUB_CONNECTION_STRING) =>
  new EventHubConsumerClient(process.env.CONSUMER_GROUP, connectionString, options);
const client = consumer();

const saw = { events: [] };
const hub = await client.getEventHubProperties();
saw.hub = { name: hub.name, partitions: hub.partitionIds };
const states = await Promise.all(hub.partitionIds.map((partition) => client.getPartitionProperties(partition)));

/** Reads until enough was seen; fails with what the SDK says. */
const read = (reader, positions, isDone, more = {}) =>
  new Promise((resolve, reject) => {
    const subscriptions = Object.entries(positions).map(([partition, startPosition]) =>
      reader.subscribe(
        partition,
        {
          processEvents: async (events, context) => {
            for (const event of events) {
              isDone(event, context) && resolve(subscriptions);
            }
          },
          processError: async (error) => reject(error),
        },
        { startPosition, maxWaitTimeInSeconds: 1, ...more },
      ),
    );
  }).then((subscriptions) => Promise.all(subscriptions.map((subscription) => subscription.close())));

const sender = device.Client.fromConnectionString(process.env.DEVICE_CONNECTION_STRING, mqtt.Mqtt);
await sender.open();
for (let number = 0; number < COUNT; number++) {
  const message = new device.Message(JSON.stringify({ number }));
  message.messageId = `message-${number}`;
  message.correlationId = 'run/1 + 2';
  message.contentType = 'application/json';
  message.contentEncoding = 'utf-8';
  message.properties.add('alert', `number-${number}`);
  await sender.sendEvent(message);
}

let home;
await read(
  client,
  Object.fromEntries(
    states.map((state) => [
      state.partitionId,
      { sequenceNumber: state.lastEnqueuedSequenceNumber, isInclusive: false },
    ]),
  ),
  (event, context) => {
    if (event.systemProperties['iothub-connection-device-id'] === id) {
      home = context.partitionId;
      saw.events.push({
        body: event.body,
        properties: event.properties,
        systemProperties: event.systemProperties,
        messageId: event.messageId,
        correlationId: event.correlationId,
        contentType: event.contentType,
        sequenceNumber: event.sequenceNumber,
        offset: String(event.offset),
        enqueuedTime: event.enqueuedTimeUtc,
      });
    }
    return saw.events.length === COUNT;
  },
);

const first = async (startPosition, more) => {
  let found;
  await read(
    client,
    { [home]: startPosition },
    (event, context) => {
      found ??= { sequenceNumber: event.sequenceNumber, last: context.lastEnqueuedEventProperties };
      return true;
    },
    more,
  );
  return found;
};
const third = saw.events[2];
saw.positions = {
  inclusive: (await first({ sequenceNumber: third.sequenceNumber, isInclusive: true })).sequenceNumber,
  exclusive: (await first({ sequenceNumber: third.sequenceNumber })).sequenceNumber,
  offset: (await first({ offset: third.offset })).sequenceNumber,
  enqueuedOn: (await first({ enqueuedOn: third.enqueuedTime.getTime() - 1 })).sequenceNumber,
  earliest: (await first(earliestEventPosition)).sequenceNumber,
};
saw.tracked = (await first(earliestEventPosition, { trackLastEnqueuedEventProperties: true })).last;

// Whatever comes after the attach; the SDK does not say when that is.
const resend = setInterval(() => sender.sendEvent(new device.Message('"late"')).catch(() => {}), 200);
saw.latest = (await first(latestEventPosition)).sequenceNumber;
clearInterval(resend);

// Two owners of one partition, at two gateways.
const owner = (reader, ownerLevel) => {
  const ended = new Promise((resolve) => {
    reader.subscribe(
      home,
      {
        processEvents: async (events) => events.length > 0 && began(),
        processError: async (error) => {
          resolve(error.code);
          began();
        },
      },
      { startPosition: earliestEventPosition, ownerLevel },
    );
  });
  let began;
  return new Promise((resolve) => (began = resolve)).then(() => ({ ended }));
};
const other = consumer(process.env.OTHER_CONNECTION_STRING);
const low = await owner(client, 0);
const high = await owner(other, 1);
saw.stolen = await low.ended;
// A client reads a partition once at a time, so another one tries.
saw.refused = await (await owner(consumer(), 0)).ended;
saw.stays = await Promise.race([high.ended, Promise.resolve('reading')]);

const stranger = new EventHubConsumerClient('nobody', process.env.EVENTHUB_CONNECTION_STRING, options);
saw.unknownGroup = await read(stranger, { 0: earliestEventPosition }, () => true).catch((error) => error.code);

console.log(JSON.stringify(saw));
process.exit(0);
