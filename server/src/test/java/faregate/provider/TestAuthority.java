package faregate.provider;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.ECGenParameterSpec;
import java.util.Base64;

/// A certificate authority for one test: it makes its own certificate and one for a server. Written
/// out in DER, since the JDK can read certificates but offers no way to make them.
final class TestAuthority {
  private static final byte[] ECDSA_SHA256 =
      sequence(oid(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
  private final KeyPair own = keys();

  /// PEM files of a server's certificate and key.
  record Issued(Path certificate, Path key) {}

  private static KeyPair keys() {
    try {
      KeyPairGenerator generator = KeyPairGenerator.getInstance("EC");
      generator.initialize(new ECGenParameterSpec("secp256r1"));
      return generator.generateKeyPair();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  /// Writes the authority's certificate.
  Path write(Path file) throws IOException {
    byte[] constraints =
        extension(oid(0x55, 0x1d, 0x13), sequence(new byte[] {0x01, 0x01, (byte) 0xff}));
    return pem(file, "CERTIFICATE", certificate("authority", own, constraints));
  }

  /// Makes a server's key and certificate for one DNS name.
  Issued issue(Path folder, String dnsName) throws IOException {
    KeyPair server = keys();
    byte[] name = tagged(0x82, dnsName.getBytes(StandardCharsets.US_ASCII));
    byte[] names = extension(oid(0x55, 0x1d, 0x11), sequence(name));
    return new Issued(
        pem(folder.resolve(dnsName + ".pem"), "CERTIFICATE", certificate("server", server, names)),
        pem(folder.resolve(dnsName + ".key"), "PRIVATE KEY", server.getPrivate().getEncoded()));
  }

  private byte[] certificate(String subject, KeyPair keys, byte[] extension) {
    byte[] body =
        sequence(
            tagged(0xa0, tagged(0x02, new byte[] {2})),
            tagged(0x02, BigInteger.valueOf(subject.hashCode() & 0x7fffffff).toByteArray()),
            ECDSA_SHA256,
            name("authority"),
            sequence(time("200101000000Z"), time("491231235959Z")),
            name(subject),
            keys.getPublic().getEncoded(),
            tagged(0xa3, sequence(extension)));
    byte[] signature = sign(own.getPrivate(), body);
    return sequence(body, ECDSA_SHA256, tagged(0x03, join(new byte[] {0}, signature)));
  }

  private static byte[] sign(PrivateKey key, byte[] bytes) {
    try {
      Signature signature = Signature.getInstance("SHA256withECDSA");
      signature.initSign(key);
      signature.update(bytes);
      return signature.sign();
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static byte[] name(String common) {
    byte[] text = tagged(0x0c, common.getBytes(StandardCharsets.UTF_8));
    return sequence(tagged(0x31, sequence(oid(0x55, 0x04, 0x03), text)));
  }

  private static byte[] time(String text) {
    return tagged(0x17, text.getBytes(StandardCharsets.US_ASCII));
  }

  private static byte[] extension(byte[] oid, byte[] value) {
    return sequence(oid, tagged(0x04, value));
  }

  private static byte[] oid(int... bytes) {
    byte[] value = new byte[bytes.length];
    for (int at = 0; at < bytes.length; at++) {
      value[at] = (byte) bytes[at];
    }
    return tagged(0x06, value);
  }

  private static byte[] sequence(byte[]... parts) {
    return tagged(0x30, join(parts));
  }

  private static byte[] tagged(int tag, byte[] value) {
    int length = value.length;
    byte[] head;
    if (length < 128) {
      head = new byte[] {(byte) tag, (byte) length};
    } else if (length < 256) {
      head = new byte[] {(byte) tag, (byte) 0x81, (byte) length};
    } else {
      head = new byte[] {(byte) tag, (byte) 0x82, (byte) (length >> 8), (byte) length};
    }
    return join(head, value);
  }

  private static byte[] join(byte[]... parts) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] part : parts) {
      all.writeBytes(part);
    }
    return all.toByteArray();
  }

  private static Path pem(Path file, String kind, byte[] bytes) throws IOException {
    String text = Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(bytes);
    return Files.writeString(
        file, "-----BEGIN " + kind + "-----\n" + text + "\n-----END " + kind + "-----\n");
  }
}
