// A back end does all it can with identities and says what it saw. Argument: id of a device that does not exist yet.
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

const created = await body(registry.create({ deviceId: id }));
const createdAgain = await errorOf(registry.create({ deviceId: id }));
const got = await body(registry.get(id));
const updated = await body(registry.update({ ...got, status: 'disabled', statusReason: 'in repair' }));
const listed = (await body(registry.list())).map((device) => device.deviceId);
await registry.delete(id);
const gotDeleted = await errorOf(registry.get(id));
const deletedAgain = await errorOf(registry.delete(id));

const several = [1, 2, 3].map((number) => ({ deviceId: `${id}-${number}` }));
const added = await body(registry.addDevices(several));
const changed = await body(registry.updateDevices(several.map((device) => ({ ...device, status: 'disabled' })), true));
const changedStatus = (await body(registry.get(several[2].deviceId))).status;
const removed = await body(registry.removeDevices(several, true));
const gotRemoved = await errorOf(registry.get(several[0].deviceId));

console.log(
  JSON.stringify({
    created,
    createdAgain,
    got,
    updated,
    listed,
    gotDeleted,
    deletedAgain,
    added,
    changed,
    changedStatus,
    removed,
    gotRemoved,
  }),
);
