package io.freehub.model;

/**
 * Every failure a client can see, with what each protocol says of it. Codes, symbolic names and HTTP statuses are those
 * of IoT Hub ("Understand and resolve Azure IoT Hub errors"); the AMQP conditions those its SDKs translate back.
 *
 * <p>MQTT 3.1.1 can say little: what a client notices is an {@link Mqtt} outcome.
 */
public enum HubError {
    BAD_REQUEST(400000, "GenericBadRequest", "amqp:invalid-field", Mqtt.CLOSE),
    INVALID_PROTOCOL_VERSION(400001, "InvalidProtocolVersion", "com.microsoft:argument-error", Mqtt.CLOSE),
    INVALID_RESULT_COUNT(400002, "DeviceInvalidResultCount", "com.microsoft:argument-error", Mqtt.CLOSE),
    ARGUMENT_INVALID(400004, "ArgumentInvalid", "com.microsoft:argument-error", Mqtt.CLOSE),
    ARGUMENT_NULL(400005, "ArgumentNull", "com.microsoft:argument-error", Mqtt.CLOSE),
    FORMAT_ERROR(400006, "IotHubFormatError", "com.microsoft:argument-error", Mqtt.CLOSE),
    BLOB_CONTAINER_INVALID(400008, "BlobContainerValidationError", "com.microsoft:argument-error", Mqtt.CLOSE),
    DEVICE_DEFINED_MULTIPLE_TIMES(400011, "DeviceDefinedMultipleTimes", "com.microsoft:argument-error", Mqtt.CLOSE),
    BULK_OPERATION_FAILED(400013, "BulkRegistryOperationFailure", "com.microsoft:argument-error", Mqtt.CLOSE),
    DISPLACED_BY_NEW_CONNECTION(
            400027, "ConnectionForcefullyClosedOnNewConnection", "amqp:connection:forced", Mqtt.CLOSE),
    MANAGED_IDENTITY_NOT_ENABLED(400032, "ManagedIdentityNotEnabled", "com.microsoft:argument-error", Mqtt.CLOSE),
    INVALID_POLICY_KEY(400035, "InvalidPolicyKey", "com.microsoft:argument-error", Mqtt.CLOSE),
    BULK_REGENERATION_FAILED(
            400036, "BulkRegenerateDeviceKeyOperationFailure", "com.microsoft:argument-error", Mqtt.CLOSE),
    INVALID_TARGET_CONDITION(400401, "InvalidConfigurationTargetCondition", "com.microsoft:argument-error", Mqtt.CLOSE),
    INVALID_CONFIGURATION_CONTENT(400402, "InvalidConfigurationContent", "com.microsoft:argument-error", Mqtt.CLOSE),
    UNAUTHORIZED_ACCESS(401002, "IotHubUnauthorizedAccess", "amqp:unauthorized-access", Mqtt.REFUSE_NOT_AUTHORIZED),
    UNAUTHORIZED(401003, "IotHubUnauthorized", "amqp:unauthorized-access", Mqtt.REFUSE_NOT_AUTHORIZED),
    QUOTA_EXCEEDED(403002, "IotHubQuotaExceeded", "amqp:resource-limit-exceeded", Mqtt.CLOSE),
    JOB_QUOTA_EXCEEDED(403003, "JobQuotaExceeded", "amqp:resource-limit-exceeded", Mqtt.CLOSE),
    QUEUE_FULL(403004, "DeviceMaximumQueueDepthExceeded", "amqp:resource-limit-exceeded", Mqtt.CLOSE),
    INVALID_EXPIRY(403009, "InvalidMessageExpiryTime", "com.microsoft:argument-error", Mqtt.CLOSE),
    DEVICE_DISABLED(403012, "DeviceDisabled", "amqp:unauthorized-access", Mqtt.REFUSE_NOT_AUTHORIZED),
    TOO_MANY_METHOD_CALLS(403800, "DeviceMaximumInflightMethodExceeded", "amqp:resource-limit-exceeded", Mqtt.CLOSE),
    NOT_FOUND(404000, "GenericNotFound", "amqp:not-found", Mqtt.CLOSE),
    DEVICE_NOT_FOUND(404001, "DeviceNotFound", "amqp:not-found", Mqtt.REFUSE_NOT_AUTHORIZED),
    JOB_NOT_FOUND(404002, "JobNotFound", "amqp:not-found", Mqtt.CLOSE),
    CERTIFICATE_NOT_FOUND(404008, "CertificateNotFound", "amqp:not-found", Mqtt.CLOSE),
    MODULE_NOT_FOUND(404010, "ModuleNotFound", "amqp:not-found", Mqtt.REFUSE_NOT_AUTHORIZED),
    DEVICE_NOT_ONLINE(404103, "DeviceNotOnline", "amqp:not-found", Mqtt.CLOSE),
    CLOSED_REMOTELY(404104, "DeviceConnectionClosedRemotely", "amqp:connection:forced", Mqtt.CLOSE),
    CONFIGURATION_NOT_FOUND(404301, "ConfigurationNotFound", "amqp:not-found", Mqtt.CLOSE),
    METHOD_NOT_ALLOWED(405000, "GenericMethodNotAllowed", "amqp:not-allowed", Mqtt.CLOSE),
    OPERATION_NOT_ALLOWED(405102, "OperationNotAllowedInCurrentState", "amqp:not-allowed", Mqtt.CLOSE),
    CONFLICT(409000, "GenericConflict", "com.microsoft:argument-error", Mqtt.CLOSE),
    DEVICE_ALREADY_EXISTS(409001, "DeviceAlreadyExists", "com.microsoft:argument-error", Mqtt.CLOSE),
    JOB_ALREADY_EXISTS(409104, "JobAlreadyExists", "com.microsoft:argument-error", Mqtt.CLOSE),
    MODULE_ALREADY_EXISTS(409301, "ModuleAlreadyExistsOnDevice", "com.microsoft:argument-error", Mqtt.CLOSE),
    CONFIGURATION_ALREADY_EXISTS(409401, "ConfigurationAlreadyExists", "com.microsoft:argument-error", Mqtt.CLOSE),
    PRECONDITION_FAILED(412001, "PreconditionFailed", "com.microsoft:precondition-failed", Mqtt.CLOSE),
    LOCK_LOST(412002, "DeviceMessageLockLost", "com.microsoft:message-lock-lost", Mqtt.CLOSE),
    MESSAGE_TOO_LARGE(413001, "MessageTooLarge", "amqp:link:message-size-exceeded", Mqtt.CLOSE),
    TOO_MANY_DEVICES(413002, "TooManyDevices", "com.microsoft:argument-error", Mqtt.CLOSE),
    TOO_MANY_MODULES(413003, "TooManyModulesOnDevice", "com.microsoft:argument-error", Mqtt.CLOSE),
    TOO_MANY_CONFIGURATIONS(413101, "ConfigurationCountLimitExceeded", "com.microsoft:argument-error", Mqtt.CLOSE),
    INCOMPATIBLE_DATA_TYPE(415101, "IncompatibleDataType", "com.microsoft:argument-error", Mqtt.CLOSE),
    THROTTLED(429001, "ThrottlingException", "com.microsoft:server-busy", Mqtt.REFUSE_UNAVAILABLE),
    TOO_MANY_ACTIVE_JOBS(
            429004, "ThrottlingMaxActiveJobCountExceeded", "com.microsoft:server-busy", Mqtt.REFUSE_UNAVAILABLE),
    SERVER_ERROR(500001, "ServerError", "amqp:internal-error", Mqtt.REFUSE_UNAVAILABLE),
    TIMED_OUT(500008, "GenericTimeout", "com.microsoft:timeout", Mqtt.CLOSE),
    SERVICE_UNAVAILABLE(503001, "ServiceUnavailable", "com.microsoft:server-busy", Mqtt.REFUSE_UNAVAILABLE),
    GATEWAY_TIMEOUT(504101, "GatewayTimeout", "com.microsoft:timeout", Mqtt.CLOSE);

    /** What an MQTT 3.1.1 client notices. Return codes 2 and 4 are never sent: the C SDK gives up for ever on them. */
    public enum Mqtt {
        /** CONNACK 5 while connecting, closed afterwards. */
        REFUSE_NOT_AUTHORIZED(5),
        /** CONNACK 3 while connecting, closed afterwards; every SDK tries again. */
        REFUSE_UNAVAILABLE(3),
        /** The connection closes without a packet; while connecting, CONNACK 5 goes first. */
        CLOSE(5);

        private final int returnCode;

        Mqtt(int returnCode) {
            this.returnCode = returnCode;
        }

        /** CONNACK return code when the failure ends a CONNECT (MQTT 3.1.1, section 3.2.2.3). */
        public int returnCode() {
            return returnCode;
        }
    }

    private final int code;
    private final String wireName;
    private final String amqpCondition;
    private final Mqtt mqtt;

    HubError(int code, String wireName, String amqpCondition, Mqtt mqtt) {
        this.code = code;
        this.wireName = wireName;
        this.amqpCondition = amqpCondition;
        this.mqtt = mqtt;
    }

    /** Number in bodies and logs; its first three digits are the HTTP status. */
    public int code() {
        return code;
    }

    /** HTTP status. */
    public int httpStatus() {
        return code / 1000;
    }

    /** Symbolic name, as in the {@code iothub-errorcode} header. */
    public String wireName() {
        return wireName;
    }

    /** Condition of an AMQP error. */
    public String amqpCondition() {
        return amqpCondition;
    }

    /** What an MQTT client notices. */
    public Mqtt mqtt() {
        return mqtt;
    }
}
