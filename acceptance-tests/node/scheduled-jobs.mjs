// A back end schedules jobs, asks about them and cancels one. Argument: prefix of ids.
import iothub from 'azure-iothub';

const prefix = process.argv[2];
const connectionString = process.env.IOTHUB_CONNECTION_STRING;
const registry = iothub.Registry.fromConnectionString(connectionString);
const jobs = iothub.JobClient.fromConnectionString(connectionString);
const body = async (call) => {
  const answer = await call;
  return answer.responseBody ?? answer.jobStatus ?? answer;
};
const errorOf = async (call) => {
  try {
    await call;
    return 'none';
  } catch (error) {
    return error.name;
  }
};
const ended = async (id) => {
  let job;
  do {
    job = await body(jobs.getJob(id));
  } while (job.endTime === undefined);
  return job;
};
const all = async (query) => {
  const found = [];
  do {
    // Without its token the SDK asks for the first page again.
    found.push(...(await query.next(query.continuationToken)).result);
  } while (query.hasMoreResults);
  return found;
};

for (const n of [1, 2, 3]) {
  await registry.create({ deviceId: `${prefix}-${n}` });
  // The twin is there when this answers.
  await registry.updateTwin(`${prefix}-${n}`, { tags: { fleet: prefix } }, '*');
}
const condition = `tags.fleet = '${prefix}'`;
const patch = { etag: '*', tags: { fleet: prefix, done: true }, properties: { desired: { interval: 60 } } };
const id = `${prefix}-job`;

const created = await body(jobs.scheduleTwinUpdate(id, condition, patch, new Date(), 60));
const done = await ended(id);
const twin = (await body(registry.getTwin(`${prefix}-2`))).toJSON();
const again = await errorOf(jobs.scheduleTwinUpdate(id, condition, patch));
// A number for an id, and no time.
const numbered = await body(jobs.scheduleTwinUpdate(4711, "tags.fleet = 'none'", patch));
const numberedDone = await ended(4711);
const staleEtag = await errorOf(jobs.scheduleTwinUpdate(`${id}-etag`, condition, { ...patch, etag: 'AAAA' }));

const tomorrow = new Date(Date.now() + 24 * 3600 * 1000);
const later = await body(jobs.scheduleTwinUpdate(`${id}-later`, condition, patch, tomorrow, 60));
const cancelled = await body(jobs.cancelJob(`${id}-later`));
const cancelledAgain = await errorOf(jobs.cancelJob(`${id}-later`));
const cancelUnknown = await errorOf(jobs.cancelJob(`${id}-unknown`));
const unknown = await body(jobs.getJob(`${id}-unknown`));
const bad = await body(jobs.scheduleTwinUpdate(`${id}-bad`, 'tags.a = = 1', patch));
const badDone = await ended(`${id}-bad`);

const completed = (await all(jobs.createQuery('scheduleUpdateTwin', 'completed', 1))).map((job) => job.jobId);
const records = await all(registry.createQuery(`SELECT * FROM devices.jobs WHERE devices.jobs.jobId = '${id}'`, 2));
const recordsOfDevice = await all(
  registry.createQuery(`SELECT * FROM devices.jobs WHERE devices.jobs.deviceId = '${prefix}-2'
    AND devices.jobs.jobType = 'scheduleTwinUpdate' AND devices.jobs.status = 'completed'
    AND devices.jobs.createdTimeUtc > '2016-09-01'`),
);
const projected = await errorOf(registry.createQuery('SELECT jobId FROM devices.jobs').next());
// Others' jobs may call methods; these do not.
const methods = (await all(jobs.createQuery('scheduleDeviceMethod'))).filter((job) => job.jobId.startsWith(prefix));

console.log(
  JSON.stringify({
    created,
    done,
    twin,
    again,
    numbered,
    numberedDone,
    staleEtag,
    later,
    cancelled,
    cancelledAgain,
    cancelUnknown,
    unknown,
    bad,
    badDone,
    completed,
    records,
    recordsOfDevice,
    projected,
    methods,
  }),
);
