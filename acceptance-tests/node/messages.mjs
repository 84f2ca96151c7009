// A device receives what its back end sends while it is away and while it is there, and says what it got.
// Arguments: Mqtt, MqttWs, Amqp, AmqpWs or Http, and the device's id.
import device from 'azure-iot-device';
import amqp from 'azure-iot-device-amqp';
import http from 'azure-iot-device-http';
import mqtt from 'azure-iot-device-mqtt';
import { feedback, purge, send } from './backend.mjs';

const transports = { Mqtt: mqtt.Mqtt, MqttWs: mqtt.MqttWs, Amqp: amqp.Amqp, AmqpWs: amqp.AmqpWs, Http: http.Http };
const transport = transports[process.argv[2]];
const id = process.argv[3];
const mayRefuse = !process.argv[2].startsWith('Mqtt');

await send(id, 'nobody gets this', { 'iothub-messageid': `${id}-purged`, 'iothub-ack': 'full' });
const purged = await purge(id);
await send(id, '{"text":"grüße"}', {
  'iothub-messageid': `${id}-0`,
  'iothub-correlationid': 'run/1 + 2',
  'iothub-ack': 'full',
  'iothub-contenttype': 'application/json',
  'iothub-contentencoding': 'utf-8',
  'iothub-app-alert': 'a=b&c/d e+f',
});
await send(id, 'second', { 'iothub-messageid': `${id}-1`, 'iothub-ack': 'positive' });

const client = device.Client.fromConnectionString(process.env.DEVICE_CONNECTION_STRING, transport);
const got = [];
let heard;
const until = async (count) => {
  while (got.length < count) {
    await new Promise((resolve) => (heard = resolve));
  }
};
let abandoned = false;
client.on('message', async (message) => {
  const text = message.data.toString();
  if (mayRefuse && text === 'twice' && !abandoned) {
    abandoned = true;
    await client.abandon(message);
    return;
  }
  await (mayRefuse && text === 'bad' ? client.reject(message) : client.complete(message));
  got.push({
    text,
    messageId: message.messageId,
    correlationId: message.correlationId,
    contentType: message.contentType,
    properties: message.properties.propertyList,
  });
  heard?.();
});
await client.open();
await until(2);
await send(id, Buffer.from([0, 1, 255]), { 'iothub-messageid': `${id}-2`, 'iothub-ack': 'full' });
await until(3);
const asked = [`${id}-purged`, `${id}-0`, `${id}-1`, `${id}-2`];
if (mayRefuse) {
  await send(id, 'twice', { 'iothub-messageid': `${id}-3`, 'iothub-ack': 'full' });
  await until(4);
  await send(id, 'bad', { 'iothub-messageid': `${id}-4`, 'iothub-ack': 'negative' });
  await until(5);
  asked.push(`${id}-3`, `${id}-4`);
}
const told = await feedback(...asked);
await client.close();
console.log(JSON.stringify({ purged, got, told }));
