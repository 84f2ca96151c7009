package io.freehub.gateway.identity;

import static org.assertj.core.api.Assertions.assertThat;

import io.freehub.model.Authentication;
import io.freehub.model.Credentials;
import io.freehub.model.IdentityId;
import org.junit.jupiter.api.Test;

class RecentCredentialsTest {

    private static final IdentityId DEVICE = IdentityId.parse("boiler");
    private static final IdentityId MODULE = IdentityId.parse("boiler/burner");
    private static final IdentityId OTHER = IdentityId.parse("other");

    private final RecentCredentials recent = new RecentCredentials();

    @Test
    void whatIsKeptIsFoundUntilItsDeviceChanges() {
        for (var identity : new IdentityId[] {DEVICE, MODULE, OTHER}) {
            assertThat(recent.find(identity)).isEmpty();
            recent.keep(credentials(identity), recent.state());
            assertThat(recent.find(identity)).contains(credentials(identity));
        }
        assertThat(recent.find(DEVICE)).isPresent();

        recent.forget(DEVICE.device());

        assertThat(recent.find(DEVICE)).isEmpty();
        assertThat(recent.find(MODULE)).isEmpty();
        assertThat(recent.find(OTHER)).isPresent();
    }

    @Test
    void answerFromBeforeAChangeIsNotKept() {
        long before = recent.state();
        recent.forget(DEVICE.device());
        recent.keep(credentials(DEVICE), before);

        assertThat(recent.find(DEVICE)).isEmpty();
    }

    private static Credentials credentials(IdentityId identity) {
        return new Credentials(identity, "g1", true, new Authentication.CertificateAuthority());
    }
}
