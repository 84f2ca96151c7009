// A device with a certificate sends a message and says what came of it. Arguments: transport, device id.
import { readFileSync } from 'node:fs';
import device from 'azure-iot-device';
import mqtt from 'azure-iot-device-mqtt';

const [transport, deviceId] = process.argv.slice(2);
const protocol = { mqtt: mqtt.Mqtt, 'mqtt-ws': mqtt.MqttWs }[transport];
const client = device.Client.fromConnectionString(
  `HostName=${process.env.IOTHUB_HOST};DeviceId=${deviceId};x509=true`, protocol);
await client.setOptions({
  cert: readFileSync(process.env.CERTIFICATE_FILE, 'utf8'),
  key: readFileSync(process.env.KEY_FILE, 'utf8'),
});
let outcome;
try {
  await client.open();
  await client.sendEvent(new device.Message(`node over ${transport}`));
  outcome = 'sent';
} catch (e) {
  outcome = e.name;
}
await client.close();
console.log(JSON.stringify({ outcome }));
