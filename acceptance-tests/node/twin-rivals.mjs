// Two back ends write one twin upon what they read, at the same time, and each again when it lost; says how the losers
// failed and what is left. Argument: id of a device that does not exist yet.
import iothub from 'azure-iothub';

const id = process.argv[2];
const backEnd = () => iothub.Registry.fromConnectionString(process.env.IOTHUB_CONNECTION_STRING);
const rivals = { a: backEnd(), b: backEnd() };
const read = async (registry) => (await registry.getTwin(id)).responseBody;
const patch = (name, round) => ({ properties: { desired: { [name + round]: round } } });

await rivals.a.create({ deviceId: id });
const losers = [];
for (let round = 0; round < 5; round++) {
  // Both have read before either writes.
  const twins = { a: await read(rivals.a), b: await read(rivals.b) };
  await Promise.all(
    Object.entries(twins).map(async ([name, twin]) => {
      try {
        await twin.update(patch(name, round));
      } catch (error) {
        losers.push(error.name);
        await (await read(rivals[name])).update(patch(name, round));
      }
    }),
  );
}
const { desired } = (await read(rivals.a)).toJSON().properties;
await rivals.a.delete(id);
console.log(JSON.stringify({ losers, desired }));
