package io.freehub.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.methods;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;
import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who may know whom. The rules are called one by one: ArchUnit's own runner finds none here. */
class ArchitectureTest {

    private static final List<String> SERVICES = List.of(
            "io.freehub.gateway", "io.freehub.registry", "io.freehub.router", "io.freehub.twin", "io.freehub.command");
    private static final List<String> LIBRARIES =
            List.of("io.freehub.model", "io.freehub.query", "io.freehub.service", "io.freehub.store");
    private static final JavaClasses HUB = new ClassFileImporter().importPackages("io.freehub");

    @ParameterizedTest
    @ValueSource(
            strings = {
                "io.freehub.gateway",
                "io.freehub.registry",
                "io.freehub.router",
                "io.freehub.twin",
                "io.freehub.command",
                "io.freehub.model",
                "io.freehub.query",
                "io.freehub.service",
                "io.freehub.store"
            })
    void everyPartIsLookedAt(String part) {
        assertThat(HUB.stream().filter(type -> type.getPackageName().startsWith(part)))
                .isNotEmpty();
    }

    @Test
    void theModelKnowsNothingButJava() {
        classes()
                .that()
                .resideInAPackage("io.freehub.model..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage("java..", "javax.crypto..", "io.freehub.model..", "org.jspecify.annotations..")
                .check(HUB);
    }

    @Test
    void queriesKnowNothingButJavaAndTheirParser() {
        classes()
                .that()
                .resideInAPackage("io.freehub.query..")
                .should()
                .onlyDependOnClassesThat()
                .resideInAnyPackage(
                        "java..", "io.freehub.query..", "org.antlr.v4.runtime..", "org.jspecify.annotations..")
                .check(HUB);
    }

    /** What ANTLR generates is public; the library's own classes are what others use. */
    @Test
    void onlyQueriesKnowTheirGrammar() {
        noClasses()
                .that()
                .resideOutsideOfPackage("io.freehub.query..")
                .should()
                .dependOnClassesThat()
                .resideInAPackage("io.freehub.query.grammar..")
                .check(HUB);
    }

    @Test
    void noLibraryKnowsAService() {
        noClasses()
                .that()
                .resideInAnyPackage(inside(LIBRARIES))
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage(inside(SERVICES))
                .check(HUB);
    }

    @Test
    void noServiceKnowsAnother() {
        for (var service : SERVICES) {
            noClasses()
                    .that()
                    .resideInAPackage(service + "..")
                    .should()
                    .dependOnClassesThat()
                    .resideInAnyPackage(inside(SERVICES.stream()
                            .filter(other -> !other.equals(service))
                            .toList()))
                    .check(HUB);
        }
    }

    @Test
    void onlyServicesWithADatabaseKnowTheStore() {
        noClasses()
                .that()
                .resideInAnyPackage("io.freehub.gateway..", "io.freehub.router..", "io.freehub.service..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.freehub.store..", "org.hibernate..", "jakarta.persistence..")
                .check(HUB);
    }

    @Test
    void capabilitiesOfTheRegistryFormNoCircle() {
        slices().matching("io.freehub.registry.(*)..").should().beFreeOfCycles().check(HUB);
    }

    @Test
    void capabilitiesOfTheTwinsFormNoCircle() {
        slices().matching("io.freehub.twin.(*)..").should().beFreeOfCycles().check(HUB);
    }

    @Test
    void capabilitiesOfTheCommandsFormNoCircle() {
        slices().matching("io.freehub.command.(*)..").should().beFreeOfCycles().check(HUB);
    }

    @Test
    void twinsAsSuchKnowNoFramework() {
        noClasses()
                .that()
                .resideInAPackage("io.freehub.twin.document..")
                .should()
                .dependOnClassesThat()
                .resideInAnyPackage("io.quarkus..", "jakarta..", "io.smallrye..", "io.vertx..", "org.hibernate..")
                .check(HUB);
    }

    /** Quarkus passes over a resource method that is not public, and the path answers 404. */
    @Test
    void resourceMethodsArePublic() {
        methods()
                .that()
                .areAnnotatedWith("jakarta.ws.rs.GET")
                .or()
                .areAnnotatedWith("jakarta.ws.rs.PUT")
                .or()
                .areAnnotatedWith("jakarta.ws.rs.POST")
                .or()
                .areAnnotatedWith("jakarta.ws.rs.PATCH")
                .or()
                .areAnnotatedWith("jakarta.ws.rs.DELETE")
                .should()
                .bePublic()
                .check(HUB);
    }

    private static String[] inside(List<String> packages) {
        return packages.stream().map(name -> name + "..").toArray(String[]::new);
    }
}
