// A back end changes a hundred devices with each call. Argument: beginning of their ids.
import iothub from 'azure-iothub';

const prefix = process.argv[2];
const registry = iothub.Registry.fromConnectionString(process.env.IOTHUB_CONNECTION_STRING);
const devices = (count) => [...Array(count).keys()].map((number) => ({ deviceId: `${prefix}-${number}` }));
const answerOf = async (call) => {
  try {
    return (await call).responseBody;
  } catch (error) {
    return { error: error.name, body: error.responseBody };
  }
};

const added = await answerOf(registry.addDevices(devices(100)));
const addedAgain = await answerOf(registry.addDevices(devices(2)));
const updated = await answerOf(
  registry.updateDevices(devices(100).map((device) => ({ ...device, status: 'disabled' })), true),
);
const status = (await registry.get(`${prefix}-99`)).responseBody.status;
const removed = await answerOf(registry.removeDevices(devices(100), true));
const removedAgain = await answerOf(registry.removeDevices(devices(1), true));

console.log(JSON.stringify({ added, addedAgain, updated, status, removed, removedAgain }));
