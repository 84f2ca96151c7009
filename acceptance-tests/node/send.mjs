// A device or module sends messages and says how many were acknowledged. Argument: how many.
import device from 'azure-iot-device';
import mqtt from 'azure-iot-device-mqtt';

const count = Number(process.argv[2]);
const connection = process.env.DEVICE_CONNECTION_STRING;
const Client = connection.includes(';ModuleId=') ? device.ModuleClient : device.Client;
const client = Client.fromConnectionString(connection, mqtt.Mqtt);
await client.open();
let acknowledged = 0;
for (let i = 0; i < count; i++) {
  const message = new device.Message(JSON.stringify({ number: i }));
  message.messageId = `message-${i}`;
  message.correlationId = 'run/1 + 2';
  message.userId = 'jürgen';
  message.contentType = 'application/json';
  message.contentEncoding = 'utf-8';
  message.properties.add('alert', i % 2 === 0 ? 'true' : 'false');
  message.properties.add('größe & maß', '100 % = 1/1');
  await client.sendEvent(message);
  acknowledged++;
}
await client.close();
console.log(JSON.stringify({ acknowledged }));
