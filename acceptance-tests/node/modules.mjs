// A back end does all it can with modules and says what it saw. Argument: id of a device that does not exist yet.
import iothub from 'azure-iothub';

const id = process.argv[2];
const registry = iothub.Registry.fromConnectionString(process.env.IOTHUB_CONNECTION_STRING);
const body = async (call) => (await call).responseBody;
const errorOf = async (call) => {
  try {
    await call;
    return 'none';
  } catch (error) {
    return error.name;
  }
};

await registry.create({ deviceId: id, capabilities: { iotEdge: true } });
const added = await body(registry.addModule({ deviceId: id, moduleId: 'burner', managedBy: 'me' }));
const addedAgain = await errorOf(registry.addModule({ deviceId: id, moduleId: 'burner' }));
const got = await body(registry.getModule(id, 'burner'));
const updated = await body(registry.updateModule({ ...got, managedBy: 'us' }));
const updatedStale = await errorOf(registry.updateModule({ ...got, managedBy: 'them' }));
const forced = await body(registry.updateModule({ ...got, managedBy: 'all' }, true));
const listed = (await body(registry.getModulesOnDevice(id))).map((module) => [module.moduleId, module.managedBy]);
// Its promise has no form that takes a module, and with it the tag.
const removedStale = await errorOf(
  new Promise((resolve, reject) => registry.removeModule(got, (error) => (error ? reject(error) : resolve()))),
);
await registry.removeModule(id, 'burner');
const gotRemoved = await errorOf(registry.getModule(id, 'burner'));
const gotOfNoDevice = await errorOf(registry.getModule(`${id}-no`, 'burner'));

// In bulk, with the tags that devices have and have had.
const several = await Promise.all(['fresh', 'stale'].map((name) => body(registry.create({ deviceId: `${id}-${name}` }))));
await registry.update(several[1]);
const disabled = several.map((device) => ({ ...device, status: 'disabled' }));
const oneIsStale = await errorOf(registry.updateDevices(disabled, false));
const statuses = await Promise.all(several.map(async ({ deviceId }) => (await body(registry.get(deviceId))).status));
const current = await body(registry.get(several[1].deviceId));
const matching = await body(registry.updateDevices([{ ...current, status: 'disabled' }], false));
const statusMatching = (await body(registry.get(current.deviceId))).status;

console.log(
  JSON.stringify({
    added,
    addedAgain,
    got,
    updated,
    updatedStale,
    forced,
    listed,
    removedStale,
    gotRemoved,
    gotOfNoDevice,
    oneIsStale,
    statuses,
    matching,
    statusMatching,
  }),
);
