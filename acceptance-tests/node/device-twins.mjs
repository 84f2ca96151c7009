// A device and its back end share a twin; says what each saw. Arguments: Mqtt, MqttWs, Amqp or AmqpWs,
// and the device's id.
import { promisify } from 'node:util';
import device from 'azure-iot-device';
import amqp from 'azure-iot-device-amqp';
import mqtt from 'azure-iot-device-mqtt';
import iothub from 'azure-iothub';

const transport = { Mqtt: mqtt.Mqtt, MqttWs: mqtt.MqttWs, Amqp: amqp.Amqp, AmqpWs: amqp.AmqpWs }[process.argv[2]];
const id = process.argv[3];
const registry = iothub.Registry.fromConnectionString(process.env.IOTHUB_CONNECTION_STRING);
const properties = async () => (await registry.getTwin(id)).responseBody.toJSON().properties;
const copy = (value) => JSON.parse(JSON.stringify(value));
const errorOf = async (call) => {
  try {
    await call;
    return 'none';
  } catch (error) {
    return error.name;
  }
};

const client = device.Client.fromConnectionString(process.env.DEVICE_CONNECTION_STRING, transport);
await client.open();
const twin = await client.getTwin();
const fresh = copy(twin.properties);
const report = (patch) => promisify(twin.properties.reported.update)(patch);

await report({ battery: 55, fan: { speed: 3, mode: 'auto' }, ratio: 1.5 });
await report({ battery: null, fan: { mode: null } });
const refused = await errorOf(report({ 'a.b': 1 }));
const seenByBackEnd = (await properties()).reported;

const told = [];
let heard;
const until = async (version) => {
  while (!told.some((delta) => delta.$version === version)) {
    await new Promise((resolve) => (heard = resolve));
  }
};
twin.on('properties.desired', (delta) => {
  told.push(copy(delta));
  heard?.();
});
// The listener has asked for it already; this says when it is so.
await promisify(twin.enableTwinDesiredPropertiesUpdates.bind(twin))();
told.length = 0;
await registry.updateTwin(id, { properties: { desired: { interval: 60, at: { hour: 7 } } } }, '*');
await until(2);
await registry.updateTwin(id, { tags: { site: 'x' }, properties: { desired: { at: null } } }, '*');
await until(3);
const merged = copy(twin.properties.desired);

// What is written while it is away, a device reads when it is back.
await client.close();
await registry.updateTwin(id, { properties: { desired: { interval: 30 } } }, '*');
const again = device.Client.fromConnectionString(process.env.DEVICE_CONNECTION_STRING, transport);
await again.open();
const back = copy((await again.getTwin()).properties);
await again.close();

console.log(JSON.stringify({ fresh, refused, seenByBackEnd, told, merged, back }));
