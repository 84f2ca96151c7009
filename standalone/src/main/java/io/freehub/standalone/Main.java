package io.freehub.standalone;

import io.freehub.standalone.manage.CertificatesCommand;
import io.freehub.standalone.manage.DevicesCommand;
import io.freehub.standalone.manage.PoliciesCommand;
import java.io.UncheckedIOException;
import java.util.logging.Level;
import java.util.logging.Logger;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The launcher behind the command {@code ./hub}. */
@Command(
        name = "hub",
        subcommands = {UpCommand.class, PoliciesCommand.class, CertificatesCommand.class, DevicesCommand.class},
        mixinStandardHelpOptions = true,
        description = "Runs an IoT hub on this machine, and manages one.")
public final class Main {

    /** Loggers are forgotten, with their level, unless somebody holds them. */
    private static final Logger KAFKA_CLIENTS = Logger.getLogger("org.apache.kafka");

    private Main() {}

    public static void main(String[] arguments) {
        // A client's warnings about a broker that is still starting are no news.
        KAFKA_CLIENTS.setLevel(Level.SEVERE);
        System.exit(commandLine().execute(arguments));
    }

    static CommandLine commandLine() {
        return new CommandLine(new Main()).setExecutionExceptionHandler((failure, command, _) -> {
            if (failure instanceof LauncherException told) {
                command.getErr().println("hub: " + told.getMessage());
                return CommandLine.ExitCode.SOFTWARE;
            }
            if (failure instanceof UncheckedIOException refused) {
                command.getErr().println("hub: " + refused.getMessage() + ": " + refused.getCause());
                return CommandLine.ExitCode.SOFTWARE;
            }
            throw failure;
        });
    }
}
