// A back end asks for twins, page by page, and says what it saw. Argument: what the ids of its devices begin with.
import iothub from 'azure-iothub';

const id = process.argv[2];
const registry = iothub.Registry.fromConnectionString(process.env.IOTHUB_CONNECTION_STRING);
const ours = `STARTSWITH(devices.deviceId, '${id}')`;

const pages = async (text, size) => {
  const query = registry.createQuery(text, size);
  const all = [];
  while (query.hasMoreResults) {
    // Without the token the promise would be of the first page again.
    all.push((await query.next(query.continuationToken)).result);
  }
  return all;
};

for (let i = 0; i < 5; i++) {
  await registry.create({ deviceId: `${id}-${i}`, capabilities: { iotEdge: i === 4 } });
  await registry.updateTwin(`${id}-${i}`, { tags: { site: i < 2 ? 'munich' : 'paris', n: i } }, '*');
}
await registry.addModule({ deviceId: `${id}-0`, moduleId: 'burner' });

// What the registry tells is read a moment later.
const count = `SELECT COUNT() AS n FROM devices WHERE ${ours} AND status = 'enabled'`;
while ((await pages(count, 10))[0][0].n < 5);
while ((await pages(`SELECT * FROM devices.modules WHERE deviceId = '${id}-0'`, 10))[0].length < 1);

const query = registry.createQuery(`SELECT * FROM devices WHERE ${ours}`, 2);
const twins = [];
while (query.hasMoreResults) {
  twins.push((await query.nextAsTwin()).result);
}
let refused = 'none';
try {
  await pages('SELEC nonsense', 10);
} catch (error) {
  refused = error.name;
}

console.log(
  JSON.stringify({
    sizes: twins.map((page) => page.length),
    ids: twins.flat().map((twin) => twin.deviceId),
    site: twins[0][0].tags.site,
    listed: (await pages(`SELECT deviceId, connectionState AS ConnectionState, statusUpdatedTime AS T,
        capabilities.iotEdge as IotEdge, modelId AS ModelId FROM devices WHERE (capabilities.iotEdge=true AND ${ours})`)).flat(),
    found: (await pages(`SELECT deviceId FROM devices WHERE tags.site = 'munich' AND ${ours}`, 1)).map((page) => page.length),
    groups: (await pages(`SELECT tags.site AS site, COUNT() AS n FROM devices WHERE ${ours} GROUP BY tags.site`)).flat(),
    modules: (await pages(`select * from devices.modules where devices.deviceId = '${id}-0'`)).flat(),
    refused,
  }),
);
