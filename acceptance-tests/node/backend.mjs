// What a back end without AMQP does for messages to devices, over HTTPS.
import common from 'azure-iot-common';

const { HostName: host, SharedAccessKeyName: policy, SharedAccessKey: key } = common.ConnectionString.parse(
  process.env.IOTHUB_CONNECTION_STRING,
);
const call = async (method, path, headers = {}, body = undefined) => {
  const authorization = common.SharedAccessSignature.create(
    host, policy, key, Math.floor(Date.now() / 1000) + 3600,
  ).toString();
  const answer = await fetch(`https://${host}${path}?api-version=2021-04-12`, {
    method,
    headers: { authorization, ...headers },
    body,
  });
  if (!answer.ok) {
    throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
  }
  return answer;
};

export const send = (device, body, headers = {}) =>
  call('POST', `/devices/${device}/messages/deviceBound`, headers, body);

export const purge = async (device) => (await call('DELETE', `/devices/${device}/commands`)).json();

// Takes what there is until a record of each of the messages has come: message id → status. Gives back what is for others.
export async function feedback(...ids) {
  const found = {};
  while (ids.some((id) => found[id] === undefined)) {
    const answer = await call('GET', '/hub/feedback');
    if (answer.status === 200) {
      const records = await answer.json();
      for (const record of records) {
        found[record.originalMessageId] = record.statusCode;
      }
      await call('DELETE', `/hub/feedback/${answer.headers.get('iothub-messagelocktoken')}`);
    } else {
      await new Promise((resolve) => setTimeout(resolve, 200));
    }
  }
  return Object.fromEntries(ids.map((id) => [id, found[id]]));
}
