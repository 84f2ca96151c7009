// A back end calls methods of a device and of a module; says what each side saw. Arguments: Mqtt, MqttWs, Amqp or AmqpWs, and the
// device's id; its module is called "burner".
import device from 'azure-iot-device';
import amqp from 'azure-iot-device-amqp';
import mqtt from 'azure-iot-device-mqtt';
import iothub from 'azure-iothub';

const transport = { Mqtt: mqtt.Mqtt, MqttWs: mqtt.MqttWs, Amqp: amqp.Amqp, AmqpWs: amqp.AmqpWs }[process.argv[2]];
const id = process.argv[3];
const service = iothub.Client.fromConnectionString(process.env.IOTHUB_CONNECTION_STRING);
const jobs = iothub.JobClient.fromConnectionString(process.env.IOTHUB_CONNECTION_STRING);
const call = async (...args) => {
  try {
    const { result } = await service.invokeDeviceMethod(...args);
    return result;
  } catch (error) {
    return { error: error.name, status: error.response?.statusCode, body: error.responseBody };
  }
};

const nobody = await call(`${id}-nobody`, { methodName: 'reboot' });
const offline = await call(id, { methodName: 'reboot' });
const waited = call(id, { methodName: 'reboot', payload: 'early', connectTimeoutInSeconds: 60, responseTimeoutInSeconds: 60 });

const client = device.Client.fromConnectionString(process.env.DEVICE_CONNECTION_STRING, transport);
const seen = [];
let ready;
const subscribed = new Promise((resolve) => (ready = resolve));
client.onDeviceMethod('reboot', (request, response) => {
  seen.push(request.payload);
  ready();
  response.send(200, { asked: request.payload }, () => {});
});
client.onDeviceMethod('refuse', (request, response) => response.send(418, null, () => {}));
client.onDeviceMethod('ignore', () => {});
await client.open();
await subscribed;
const early = await waited;
const object = await call(id, { methodName: 'reboot', payload: { delay: 5, text: 'grüße' } });
const nothing = await call(id, { methodName: 'reboot' });
const refused = await call(id, { methodName: 'refuse', payload: [1, 'a', null] });
const ignored = await call(id, { methodName: 'ignore', responseTimeoutInSeconds: 5 });
const unknown = await call(id, { methodName: 'unheard-of', responseTimeoutInSeconds: 5 });

const module = device.ModuleClient.fromConnectionString(process.env.MODULE_CONNECTION_STRING, transport);
await module.open();
const lit = new Promise((resolve) => {
  module.onMethod('light', (request, response) => {
    response.send(200, { lit: request.payload.on }, resolve);
  });
});
const ofModule = await call(id, 'burner', {
  methodName: 'light',
  payload: { on: true },
  connectTimeoutInSeconds: 20,
  responseTimeoutInSeconds: 30,
});
await lit;

const body = async (call) => {
  const answer = await call;
  return answer.responseBody ?? answer.jobStatus ?? answer;
};
const jobId = `${id}-job`;
const condition = `deviceId IN ['${id}', '${id}-away']`;
await body(jobs.scheduleDeviceMethod(jobId, condition, { methodName: 'reboot', payload: 'job', responseTimeoutInSeconds: 15 }));
let job;
do {
  job = await body(jobs.getJob(jobId));
} while (job.endTime === undefined);
const registry = iothub.Registry.fromConnectionString(process.env.IOTHUB_CONNECTION_STRING);
const records = registry.createQuery(`SELECT * FROM devices.jobs WHERE devices.jobs.jobId = '${jobId}'`);
const outcomes = Object.fromEntries(
  (await records.next(records.continuationToken)).result.map((record) => [record.deviceId, record.outcome ?? record.error]));
await client.close();
await module.close();
console.log(JSON.stringify({
  nobody, offline, early, object, nothing, refused, ignored, unknown, ofModule, seen,
  job: { status: job.status, statistics: job.deviceJobStatistics, outcomes },
}));
process.exit(0);
