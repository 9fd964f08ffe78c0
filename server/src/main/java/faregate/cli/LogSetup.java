package faregate.cli;

import ch.qos.logback.classic.AsyncAppender;
import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.Configurator;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.OutputStreamAppender;
import ch.qos.logback.core.encoder.Encoder;
import ch.qos.logback.core.rolling.FixedWindowRollingPolicy;
import ch.qos.logback.core.rolling.RollingFileAppender;
import ch.qos.logback.core.rolling.SizeBasedTriggeringPolicy;
import ch.qos.logback.core.spi.ContextAwareBase;
import ch.qos.logback.core.util.FileSize;
import faregate.kit.Environment;
import faregate.kit.SettingsException;
import org.slf4j.LoggerFactory;

/// What is logged, and where to: our own rooms from INFO, everybody else from WARN, to standard
/// error. One JSON object a line, or plain lines where a person looks on.
///
/// Found by logback itself through `META-INF/services`, so that it holds from the first line on and
/// no XML is read at start.
public final class LogSetup extends ContextAwareBase implements Configurator {
  private static final String PLAIN = "%d{HH:mm:ss.SSS} %-5level %logger{24} %msg%n%ex{short}";
  private static final String ROOT = "ROOT";
  private static final String OURS = "faregate";
  private static final int QUEUE = 4096;

  @Override
  public ExecutionStatus configure(LoggerContext context) {
    boolean plain = Environment.system().variable("FAREGATE_TERMINAL") != null;
    apply(context, new Config.Log(Config.LogLevel.INFO, format(plain), null));
    return ExecutionStatus.DO_NOT_INVOKE_NEXT_IF_ANY;
  }

  private static Config.LogFormat format(boolean plain) {
    return plain ? Config.LogFormat.TEXT : Config.LogFormat.JSON;
  }

  /// Applies what the configuration says.
  ///
  /// @throws SettingsException when the file cannot be written; then all stays as it was
  static void apply(Config.Log log) {
    apply((LoggerContext) LoggerFactory.getILoggerFactory(), log);
  }

  private static void apply(LoggerContext context, Config.Log log) {
    boolean plain =
        switch (log.format()) {
          case TEXT -> true;
          case JSON -> false;
          case AUTO -> Environment.system().variable("FAREGATE_TERMINAL") != null;
        };
    replace(context, started(context, log, plain));
    context.getLogger(ROOT).setLevel(Level.WARN);
    context.getLogger(OURS).setLevel(Level.toLevel(log.level().name()));
  }

  /// Logback itself would only note in a list of its own that a file cannot be written.
  private static OutputStreamAppender<ILoggingEvent> started(
      LoggerContext context, Config.Log log, boolean plain) {
    OutputStreamAppender<ILoggingEvent> target =
        log.file() == null ? console() : file(context, log);
    target.setContext(context);
    target.setEncoder(encoder(context, plain && log.file() == null));
    target.start();
    if (!target.isStarted()) {
      throw new SettingsException(
          ("log.file: %s cannot be written. Name a file that this user may write, or leave log.file"
                  + " out to have the log on standard error.")
              .formatted(log.file()));
    }
    return target;
  }

  private static void replace(LoggerContext context, OutputStreamAppender<ILoggingEvent> target) {
    AsyncAppender queue = new AsyncAppender();
    queue.setContext(context);
    queue.setQueueSize(QUEUE);
    queue.setNeverBlock(true);
    queue.addAppender(target);
    queue.start();
    context.getLogger(ROOT).detachAndStopAllAppenders();
    context.getLogger(ROOT).addAppender(queue);
  }

  private static ConsoleAppender<ILoggingEvent> console() {
    ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
    console.setTarget("System.err");
    return console;
  }

  /// A file of at most 64 MiB and four older ones beside it.
  private static OutputStreamAppender<ILoggingEvent> file(LoggerContext context, Config.Log log) {
    RollingFileAppender<ILoggingEvent> file = new RollingFileAppender<>();
    file.setContext(context);
    file.setFile(String.valueOf(log.file()));
    FixedWindowRollingPolicy window = new FixedWindowRollingPolicy();
    window.setContext(context);
    window.setParent(file);
    window.setFileNamePattern(log.file() + ".%i");
    window.setMaxIndex(4);
    window.start();
    SizeBasedTriggeringPolicy<ILoggingEvent> size = new SizeBasedTriggeringPolicy<>();
    size.setContext(context);
    size.setMaxFileSize(FileSize.valueOf("64MB"));
    size.start();
    file.setRollingPolicy(window);
    file.setTriggeringPolicy(size);
    return file;
  }

  private static Encoder<ILoggingEvent> encoder(LoggerContext context, boolean plain) {
    if (plain) {
      PatternLayoutEncoder encoder = new PatternLayoutEncoder();
      encoder.setContext(context);
      encoder.setPattern(PLAIN);
      encoder.start();
      return encoder;
    }
    JsonEncoder encoder = new JsonEncoder();
    encoder.setContext(context);
    encoder.setWithSequenceNumber(false);
    encoder.setWithNanoseconds(false);
    encoder.setWithContext(false);
    encoder.setWithMarkers(false);
    encoder.setWithArguments(false);
    encoder.setWithMessage(false);
    encoder.setWithFormattedMessage(true);
    encoder.start();
    return encoder;
  }
}
