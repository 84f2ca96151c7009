// A module sends messages, one of them to an output, and shares its twin with a back end; says what each saw.
// Arguments: Mqtt, MqttWs, Amqp or AmqpWs, and the device's id; the module is called "burner".
import { promisify } from 'node:util';
import device from 'azure-iot-device';
import amqp from 'azure-iot-device-amqp';
import mqtt from 'azure-iot-device-mqtt';
import iothub from 'azure-iothub';

const transport = { Mqtt: mqtt.Mqtt, MqttWs: mqtt.MqttWs, Amqp: amqp.Amqp, AmqpWs: amqp.AmqpWs }[process.argv[2]];
const id = process.argv[3];
const registry = iothub.Registry.fromConnectionString(process.env.IOTHUB_CONNECTION_STRING);
const copy = (value) => JSON.parse(JSON.stringify(value));

const client = device.ModuleClient.fromConnectionString(process.env.MODULE_CONNECTION_STRING, transport);
await client.open();
await client.sendEvent(new device.Message('plain'));
await client.sendOutputEvent('alarm', new device.Message('to an output'));

const twin = await client.getTwin();
const fresh = copy(twin.properties);
await promisify(twin.properties.reported.update)({ on: true });
const told = [];
let heard;
twin.on('properties.desired', (delta) => {
  told.push(copy(delta));
  heard?.();
});
// The listener has asked for it already; this says when it is so.
await promisify(twin.enableTwinDesiredPropertiesUpdates.bind(twin))();
told.length = 0;
await registry.updateModuleTwin(id, 'burner', { properties: { desired: { heat: 7 } } }, '*');
while (told.length === 0) {
  await new Promise((resolve) => (heard = resolve));
}
const reported = (await registry.getModuleTwin(id, 'burner')).responseBody.toJSON().properties.reported;
await client.close();

console.log(JSON.stringify({ fresh, told, reported }));
