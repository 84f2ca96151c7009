// A device sends messages over one of the transports besides MQTT and says how many were acknowledged.
// Arguments: MqttWs, Http, Amqp or AmqpWs, and how many to send one by one, then in a batch.
import device from 'azure-iot-device';
import amqp from 'azure-iot-device-amqp';
import http from 'azure-iot-device-http';
import mqtt from 'azure-iot-device-mqtt';

const transport = { MqttWs: mqtt.MqttWs, Http: http.Http, Amqp: amqp.Amqp, AmqpWs: amqp.AmqpWs }[process.argv[2]];
const single = Number(process.argv[3]);
const batch = Number(process.argv[4]);

function message(number) {
  const message = new device.Message(JSON.stringify({ number }));
  message.properties.add('alert', number % 2 === 0 ? 'true' : 'false');
  return message;
}

const client = device.Client.fromConnectionString(process.env.DEVICE_CONNECTION_STRING, transport);
let acknowledged = 0;
let refused = null;
try {
  await client.open();
  for (let number = 0; number < single; number++) {
    const one = message(number);
    one.messageId = `message-${number}`;
    one.correlationId = 'run/1 + 2';
    one.contentType = 'application/json';
    one.contentEncoding = 'utf-8';
    await client.sendEvent(one);
    acknowledged++;
  }
  if (batch > 0) {
    await client.sendEventBatch(Array.from({ length: batch }, (_, i) => message(single + i)));
    acknowledged += batch;
  }
} catch (error) {
  refused = error.name;
}
await client.close();
console.log(JSON.stringify({ acknowledged, refused }));
