// A back end exports, imports and asks about jobs. Arguments: container to export to, container to import from.
import iothub from 'azure-iothub';

const [exportTo, importFrom] = process.argv.slice(2);
const registry = iothub.Registry.fromConnectionString(process.env.IOTHUB_CONNECTION_STRING);
// Some calls answer the body alone, others put the answer around it.
const body = async (call) => {
  const answer = await call;
  return answer.responseBody ?? answer;
};
const errorOf = async (call) => {
  try {
    await call;
    return 'none';
  } catch (error) {
    return `${error.name}: ${error.message}`;
  }
};
const ended = async (job) => {
  let state = job;
  while (state.endTimeUtc === undefined) {
    state = await body(registry.getJob(job.jobId));
  }
  return state;
};

const exported = await ended(await body(registry.exportDevicesToBlob(exportTo, true)));
const imported = await ended(await body(registry.importDevicesFromBlob(importFrom, exportTo)));
const listed = (await body(registry.listJobs())).map((job) => job.jobId);
const refused = await errorOf(registry.exportDevicesToBlob(exportTo.replace('sig=', 'sig=A'), false));
const unknown = await errorOf(registry.getJob('unknown'));
const cancelled = await errorOf(registry.cancelJob(exported.jobId));

console.log(JSON.stringify({ exported, imported, listed, refused, unknown, cancelled }));
