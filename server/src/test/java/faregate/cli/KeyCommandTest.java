package faregate.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.InputStream;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.api.parallel.Resources;

/// Keys of one's own by command, without a server.
@ResourceLock(Resources.SYSTEM_OUT)
class KeyCommandTest {
  private static final String KEY = "sk-marker-of-an-own-key";
  @TempDir private Path data;

  private Ran run(String... args) {
    String[] all = new String[args.length + 2];
    System.arraycopy(args, 0, all, 0, args.length);
    all[args.length] = "--data";
    all[args.length + 1] = data.toString();
    return Ran.of(all);
  }

  private Ran set(String user, String provider, String typed) {
    InputStream before = System.in;
    System.setIn(new ByteArrayInputStream(typed.getBytes(UTF_8)));
    try {
      return run("key", "set", "--user", user, "--provider", provider);
    } finally {
      System.setIn(before);
    }
  }

  @Test
  void aKeyIsPipedInShownByItsProviderAndDeleted() {
    run("user", "create", "ann");
    assertThat(run("key", "list", "--user", "ann").out()).isEqualTo("ann has no keys.\n");
    Ran set = set("ann", "groq", KEY + "\n");
    assertThat(set.err()).isEmpty();
    assertThat(set.out()).contains("groq").doesNotContain(KEY);
    assertThat(data.resolve("keyset.json")).exists();
    Ran listed = run("key", "list", "--user", "ann", "--json");
    assertThat(listed.out()).contains("\"groq\"", "\"set_at\"").doesNotContain(KEY);
    assertThat(run("key", "delete", "--user", "ann", "--provider", "groq").code()).isZero();
    assertThat(run("key", "delete", "--user", "ann", "--provider", "groq").code()).isEqualTo(1);
  }

  @Test
  void whatIsWrongIsNamedAndNeverRepeated() {
    run("user", "create", "ann");
    Ran nothing = set("ann", "groq", "");
    assertThat(nothing.code()).isEqualTo(2);
    assertThat(nothing.err()).contains("There is no key on standard input");
    Ran words = set("ann", "groq", "two words of " + KEY);
    assertThat(words.code()).isEqualTo(2);
    assertThat(words.err()).contains("printable ASCII").doesNotContain(KEY);
    assertThat(set("ann", "grok", KEY).err()).contains("Did you mean 'groq'?").doesNotContain(KEY);
    assertThat(set("ann", "sandbox", KEY).err()).contains("takes no key");
  }

  @Test
  void aKeysetIsPrintedOnOneLine() {
    Ran ran = run("key", "keyset");
    assertThat(ran.out().strip()).matches("[A-Za-z0-9+/=]{100,}");
    assertThat(run("key", "keyset", "--json").out()).startsWith("{\"keyset\":\"");
  }
}
