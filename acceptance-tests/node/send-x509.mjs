// A device with a certificate sends a message and says what came of it. Arguments: transport, device id.
import { readFileSync } from 'node:fs';
import device from 'azure-iot-device';
import http from 'azure-iot-device-http';
import mqtt from 'azure-iot-device-mqtt';

const [transport, deviceId] = process.argv.slice(2);
const protocol = { mqtt: mqtt.Mqtt, 'mqtt-ws': mqtt.MqttWs, http: http.Http }[transport];
const client = device.Client.fromConnectionString(
  `HostName=${process.env.IOTHUB_HOST};DeviceId=${deviceId};x509=true`, protocol);
// Over HTTP the SDK sets them at once and never says so: who awaits that waits for ever.
const set = client.setOptions({
  cert: readFileSync(process.env.CERTIFICATE_FILE, 'utf8'),
  key: readFileSync(process.env.KEY_FILE, 'utf8'),
});
if (transport !== 'http') await set;
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
