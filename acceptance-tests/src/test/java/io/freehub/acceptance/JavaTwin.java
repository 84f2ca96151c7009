package io.freehub.acceptance;

import com.microsoft.azure.sdk.iot.device.InternalClient;
import com.microsoft.azure.sdk.iot.device.IotHubStatusCode;
import com.microsoft.azure.sdk.iot.device.Message;
import com.microsoft.azure.sdk.iot.device.exceptions.IotHubClientException;
import com.microsoft.azure.sdk.iot.device.transport.IotHubTransportMessage;
import com.microsoft.azure.sdk.iot.device.twin.GetTwinCorrelatingMessageCallback;
import com.microsoft.azure.sdk.iot.device.twin.ReportedPropertiesUpdateCorrelatingMessageCallback;
import com.microsoft.azure.sdk.iot.device.twin.ReportedPropertiesUpdateResponse;
import com.microsoft.azure.sdk.iot.device.twin.Twin;
import com.microsoft.azure.sdk.iot.device.twin.TwinCollection;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * The twin of a client of the SDK for Java. Its 2.5.0 tells of an answer either on arrival or once it has been worked on, and
 * in rare cases only of the latter: another of its threads has forgotten the request by then, and the calls that wait for
 * the first never return.
 */
final class JavaTwin {

    private static final int NO_CONTENT = 204;
    private static final int OK = 200;

    private final InternalClient client;

    JavaTwin(InternalClient client) {
        this.client = client;
    }

    Twin get() throws Exception {
        var answer = new Answer();
        client.getTwinAsync(answer, null);
        return Twin.createFromPropertiesJson(
                new String(answer.await(OK).getBytes(), Message.DEFAULT_IOTHUB_MESSAGE_CHARSET));
    }

    /** The version afterwards. Fails with what the hub has answered. */
    int report(TwinCollection properties) throws Exception {
        var answer = new Answer();
        client.updateReportedPropertiesAsync(properties, answer, null);
        return answer.await(NO_CONTENT).getVersion();
    }

    private static final class Answer
            implements GetTwinCorrelatingMessageCallback, ReportedPropertiesUpdateCorrelatingMessageCallback {

        private final CompletableFuture<IotHubTransportMessage> answer = new CompletableFuture<>();

        IotHubTransportMessage await(int status) throws Exception {
            var message = answer.get(60, TimeUnit.SECONDS);
            if (!message.getStatus().equals(Integer.toString(status))) {
                throw new IotHubClientException(
                        IotHubStatusCode.getIotHubStatusCode(Integer.parseInt(message.getStatus())),
                        new String(message.getBytes(), Message.DEFAULT_IOTHUB_MESSAGE_CHARSET));
            }
            return message;
        }

        @Override
        public void onRequestQueued(Message message, Object context) {}

        @Override
        public void onRequestSent(Message message, Object context) {}

        @Override
        public void onRequestAcknowledged(Message message, Object context, IotHubClientException e) {}

        @Override
        public void onResponseReceived(
                Twin twin, Message message, Object context, IotHubStatusCode status, IotHubClientException e) {
            answer.complete((IotHubTransportMessage) message);
        }

        @Override
        public void onResponseReceived(
                Message message,
                Object context,
                IotHubStatusCode status,
                ReportedPropertiesUpdateResponse response,
                IotHubClientException e) {
            answer.complete((IotHubTransportMessage) message);
        }

        @Override
        public void onResponseAcknowledged(Message message, Object context) {
            answer.complete((IotHubTransportMessage) message);
        }
    }
}
