// A back end sends messages to a device over AMQP and hears what becomes of them; says what each side saw.
// Arguments: Amqp or AmqpWs, and the device's id.
import common from 'azure-iot-common';
import device from 'azure-iot-device';
import mqtt from 'azure-iot-device-mqtt';
import iothub from 'azure-iothub';

const transport = { Amqp: iothub.Amqp, AmqpWs: iothub.AmqpWs }[process.argv[2]];
const id = process.argv[3];
const service = iothub.Client.fromConnectionString(process.env.IOTHUB_CONNECTION_STRING, transport);
await service.open();

const told = {};
let heard;
const feedback = await service.getFeedbackReceiver();
const receiver = feedback.result ?? feedback;
receiver.on('message', (batch) => {
  for (const record of JSON.parse(batch.data.toString())) {
    told[record.originalMessageId] = { status: record.statusCode, device: record.deviceId };
  }
  heard?.();
});
await service.getFileNotificationReceiver();

const send = async (to, body, messageId, ack = undefined) => {
  const message = new common.Message(body);
  message.messageId = messageId;
  message.ack = ack;
  message.contentType = 'application/json';
  message.properties.add('alert', 'a=b&c/d e+f');
  try {
    await service.send(to, message);
    return 'accepted';
  } catch (error) {
    return error.name;
  }
};

const sent = [await send(id, '{"text":"grüße"}', `${id}-0`, 'full')];
const client = device.Client.fromConnectionString(process.env.DEVICE_CONNECTION_STRING, mqtt.Mqtt);
const got = [];
client.on('message', async (message) => {
  await client.complete(message);
  got.push({
    text: message.data.toString(),
    messageId: message.messageId,
    contentType: message.contentType,
    properties: message.properties.propertyList,
  });
  heard?.();
});
await client.open();
sent.push(await send(id, 'second', `${id}-1`, 'positive'));
const nobody = await send(`${id}-nobody`, 'x', `${id}-2`);
const tooLarge = await send(id, 'x'.repeat(65 * 1024), `${id}-3`);
while (got.length < 2 || told[`${id}-0`] === undefined || told[`${id}-1`] === undefined) {
  await new Promise((resolve) => (heard = resolve));
}
await client.close();
// Now nobody takes them.
let waiting = 0;
let full;
do {
  full = await send(id, 'x', `${id}-w${waiting}`);
  waiting++;
} while (full === 'accepted');
await service.close();
console.log(JSON.stringify({ sent, got, told, nobody, tooLarge, full, waiting }));
process.exit(0);
