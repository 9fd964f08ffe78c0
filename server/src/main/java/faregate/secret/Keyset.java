package faregate.secret;

import com.google.crypto.tink.Aead;
import com.google.crypto.tink.InsecureSecretKeyAccess;
import com.google.crypto.tink.KeysetHandle;
import com.google.crypto.tink.TinkJsonProtoKeysetFormat;
import com.google.crypto.tink.aead.AeadConfig2026;
import com.google.crypto.tink.aead.PredefinedAeadParameters;
import faregate.kit.Environment;
import faregate.kit.Secret;
import faregate.kit.SettingsException;
import faregate.store.WholeFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Base64;
import org.jspecify.annotations.Nullable;

/// What encrypts: AES-256 in GCM, by a keyset of Tink from the environment or from a file.
///
/// Tink is loaded when the first key is sealed or opened, and not at each start. Thread-safe.
public final class Keyset {
  /// Holds the keyset, as `faregate key keyset` prints it.
  public static final String VARIABLE = "FAREGATE_KEYSET";

  private static final String FILE = "keyset.json";

  private final Environment environment;
  private final Path file;
  private final boolean shared;
  private @Nullable Aead aead;

  private Keyset(Environment environment, Path file, boolean shared) {
    this.environment = environment;
    this.file = file;
    this.shared = shared;
  }

  /// @param folder where `keyset.json` lies, or is made when the first key is set
  /// @param shared whether other nodes must have the same, so that none may be made here
  public static Keyset in(Path folder, Environment environment, boolean shared) {
    return new Keyset(environment, folder.resolve(FILE), shared);
  }

  /// A new one, on one line.
  public static Secret fresh() {
    String json = json(generated());
    return new Secret(Base64.getEncoder().encodeToString(json.getBytes(StandardCharsets.UTF_8)));
  }

  /// Reads what the environment says, if it says anything: a mistake there is to be found before
  /// somebody brings a key. A file is read when it is needed.
  ///
  /// @throws SettingsException when it says something that is no keyset
  void check() {
    if (environment.isBlank(VARIABLE) || environment.variable(VARIABLE) != null) {
      aead(false);
    }
  }

  /// @param context bound into it: it opens with the same only
  /// @param mayMake whether a keyset may be made where there is none
  /// @throws SettingsException when there is no keyset that can be used
  String seal(Secret secret, String context, boolean mayMake) {
    try {
      byte[] sealed = aead(mayMake).encrypt(bytes(secret.reveal()), bytes(context));
      return Base64.getEncoder().encodeToString(sealed);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("a key could not be encrypted", e);
    }
  }

  /// @return null when it was sealed by another keyset or for another context, or was tampered with
  /// @throws SettingsException when there is no keyset that can be used
  @Nullable Secret open(String sealed, String context) {
    try {
      byte[] open = aead(false).decrypt(Base64.getDecoder().decode(sealed), bytes(context));
      return new Secret(new String(open, StandardCharsets.UTF_8));
    } catch (GeneralSecurityException | IllegalArgumentException _) {
      return null;
    }
  }

  /// Where it comes from, for messages.
  String origin() {
    return environment.variable(VARIABLE) == null ? file.toString() : "the variable " + VARIABLE;
  }

  private synchronized Aead aead(boolean mayMake) {
    Aead known = aead;
    if (known == null) {
      known = primitive(handle(mayMake));
      aead = known;
    }
    return known;
  }

  private KeysetHandle handle(boolean mayMake) {
    if (environment.isBlank(VARIABLE)) {
      throw new SettingsException(
          ("The variable %s is set, but empty. Put the keyset into it whose copy you keep, or the"
                  + " one that `faregate key keyset` prints; or unset it.")
              .formatted(VARIABLE));
    }
    String said = environment.variable(VARIABLE);
    try {
      if (said != null) {
        return parsed(said.strip(), "The variable " + VARIABLE);
      }
      if (Files.exists(file)) {
        return parsed(kept(), file.toString());
      }
      return made(mayMake);
    } catch (IOException e) {
      throw new SettingsException("The keyset %s cannot be used: %s".formatted(file, e));
    }
  }

  private String kept() throws IOException {
    String text = Files.readString(file).strip();
    if (text.isEmpty()) {
      throw new SettingsException(
          ("%s is empty: the machine may have stopped while it was made. Bring back the copy you"
               + " keep of it; while there are no provider keys, delete it, and a new one is made.")
              .formatted(file));
    }
    return text;
  }

  private KeysetHandle made(boolean mayMake) throws IOException {
    if (!mayMake) {
      throw new SettingsException(
          ("There are provider keys, but no keyset to open them with: %s is gone and %s is not set."
               + " Bring back the one they were set with, or delete them by `faregate key delete`"
               + " and have them set anew.")
              .formatted(file, VARIABLE));
    }
    if (shared) {
      throw new SettingsException(
          ("Provider keys need a keyset, and on a shared database all nodes need the same one: make"
                  + " it once by `faregate key keyset` and start each node with it in %s.")
              .formatted(VARIABLE));
    }
    KeysetHandle made = generated();
    // Before the first key is sealed by it: a key without its keyset is lost.
    WholeFile.write(file.toAbsolutePath(), json(made) + "\n");
    return made;
  }

  private static KeysetHandle parsed(String text, String origin) {
    try {
      String json =
          text.startsWith("{")
              ? text
              : new String(Base64.getDecoder().decode(text), StandardCharsets.UTF_8);
      return TinkJsonProtoKeysetFormat.parseKeyset(
          json, AeadConfig2026.get(), InsecureSecretKeyAccess.get());
    } catch (GeneralSecurityException | IllegalArgumentException _) {
      // What went wrong may quote the keyset.
      throw new SettingsException(
          origin
              + " holds no keyset, or not the whole of one. Bring back the copy you keep of it;"
              + " while there are no provider keys, `faregate key keyset` prints a new one.");
    }
  }

  private static KeysetHandle generated() {
    try {
      return KeysetHandle.generateNew(PredefinedAeadParameters.AES256_GCM, AeadConfig2026.get());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("this Java cannot make an AES key", e);
    }
  }

  private static String json(KeysetHandle handle) {
    try {
      return TinkJsonProtoKeysetFormat.serializeKeyset(
          handle, AeadConfig2026.get(), InsecureSecretKeyAccess.get());
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("the keyset could not be written", e);
    }
  }

  private Aead primitive(KeysetHandle handle) {
    try {
      return handle.getPrimitive(AeadConfig2026.get(), Aead.class);
    } catch (GeneralSecurityException _) {
      throw new SettingsException(
          origin() + " holds a keyset of another kind. `faregate key keyset` prints a right one.");
    }
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }
}
