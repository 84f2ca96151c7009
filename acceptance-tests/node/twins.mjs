// A back end does all it can with twins and says what it saw. Argument: id of a device that does not exist yet.
import iothub from 'azure-iothub';

const id = process.argv[2];
const registry = iothub.Registry.fromConnectionString(process.env.IOTHUB_CONNECTION_STRING);
const body = async (call) => (await call).responseBody;
// A twin that updates itself answers in a form of its own.
const written = async (call) => (await call).result.toJSON();
const errorOf = async (call) => {
  try {
    await call;
    return 'none';
  } catch (error) {
    return error.name;
  }
};

// At once, since a twin is there as soon as its device is.
await registry.create({ deviceId: id });
const twin = await body(registry.getTwin(id));
const fresh = twin.toJSON();
const stale = await body(registry.getTwin(id));

const patched = await written(
  twin.update({
    tags: { site: { town: 'münchen', floor: 3 } },
    properties: { desired: { interval: 60, ratio: 1.5, at: '2020-01-01T00:00:00+01:00' } },
  }),
);
const removed = await written(twin.update({ tags: { site: { floor: null } } }));
const staleUpdate = await errorOf(stale.update({ tags: { lost: true } }));
const forced = await body(registry.updateTwin(id, { properties: { desired: { interval: null } } }, '*'));
const refused = await errorOf(registry.updateTwin(id, { tags: { 'a.b': 1 } }, '*'));

await registry.addModule({ deviceId: id, moduleId: 'burner' });
const module = await body(registry.getModuleTwin(id, 'burner'));
const modulePatched = await written(module.update({ properties: { desired: { on: true } } }));
const got = (await body(registry.getTwin(id))).toJSON();

await registry.delete(id);
const ofDeleted = await errorOf(registry.getTwin(id));
await registry.create({ deviceId: id });
const again = (await body(registry.getTwin(id))).toJSON();

console.log(
  JSON.stringify({ fresh, patched, removed, staleUpdate, forced, refused, modulePatched, got, ofDeleted, again }),
);
