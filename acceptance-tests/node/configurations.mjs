// A back end configures devices, and one of them sees it over MQTT. Arguments: prefix of ids, and the id of the device.
import iothub from 'azure-iothub';
import device from 'azure-iot-device';
import mqtt from 'azure-iot-device-mqtt';

const prefix = process.argv[2];
const id = process.argv[3];
const registry = iothub.Registry.fromConnectionString(process.env.IOTHUB_CONNECTION_STRING);
const body = async (call) => (await call).responseBody;
const copy = (value) => JSON.parse(JSON.stringify(value));
const errorOf = async (call) => {
  try {
    await call;
    return 'none';
  } catch (error) {
    return error.name;
  }
};

const client = device.Client.fromConnectionString(process.env.DEVICE_CONNECTION_STRING, mqtt.Mqtt);
await client.open();
const twin = await client.getTwin();
const told = [];
let heard;
const toldOf = async (n) => {
  while (told.length < n) {
    await new Promise((resolve) => (heard = resolve));
  }
};
await new Promise((resolve, reject) => {
  twin.on('properties.desired', (delta) => {
    told.push(copy(delta));
    heard?.();
  });
  twin.enableTwinDesiredPropertiesUpdates((error) => (error ? reject(error) : resolve()));
});
told.length = 0;

const name = `${prefix}-fan`;
const created = await body(
  registry.addConfiguration({
    id: name,
    content: { deviceContent: { 'properties.desired.fan': { speed: 3, mode: 'auto' } } },
    targetCondition: `tags.site = '${prefix}'`,
    priority: 10,
    labels: { owner: prefix },
    metrics: { queries: { all: 'SELECT deviceId FROM devices' } },
  }),
);
const again = await errorOf(registry.addConfiguration({ id: name, content: { deviceContent: {} } }));
await registry.updateTwin(id, { tags: { site: prefix } }, '*');
await toldOf(1);
const status = (await body(registry.getTwin(id))).configurations;
let counted;
do {
  counted = await body(registry.getConfiguration(name));
} while (counted.systemMetrics.results.appliedCount !== 1);
const listed = (await body(registry.getConfigurations())).map((configuration) => configuration.id);

const updated = await body(registry.updateConfiguration({ ...counted, targetCondition: `tags.site = 'not ${prefix}'` }));
await toldOf(2);
const stale = await errorOf(registry.updateConfiguration({ ...counted, priority: 1 }));
const forced = await body(registry.updateConfiguration({ ...counted, priority: 20 }, true));
await toldOf(3);
await registry.removeConfiguration(name);
const gone = await errorOf(registry.getConfiguration(name));
const leaf = await errorOf(
  registry.applyConfigurationContentOnDevice(id, { modulesContent: { $edgeAgent: { 'properties.desired': {} } } }),
);
await client.close();

const edge = `${prefix}-edge`;
await registry.create({ deviceId: edge, capabilities: { iotEdge: true } });
await registry.applyConfigurationContentOnDevice(edge, {
  modulesContent: {
    $edgeAgent: { 'properties.desired': { schemaVersion: '1.1' } },
    $edgeHub: { 'properties.desired': { routes: {} } },
    burner: { 'properties.desired': { on: true } },
  },
});
const modules = (await body(registry.getModulesOnDevice(edge))).map((module) => module.moduleId).sort();
const burner = (await body(registry.getModuleTwin(edge, 'burner'))).properties.desired;
const agent = (await body(registry.getModuleTwin(edge, '$edgeAgent'))).properties.desired;

console.log(
  JSON.stringify({ created, again, told, status, counted, listed, updated, stale, forced, gone, leaf, modules, burner, agent }),
);
