package io.sluice.server.access;

import com.linecorp.armeria.common.TlsKeyPair;
import io.sluice.backbone.ErrorCode;
import io.sluice.backbone.SluiceException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.Certificate;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What the files of a server's TLS held, each looked at: certificates that are valid now, and a key
 * that belongs to the first of them.
 *
 * @param keyPair the server's certificates and key
 * @param authorities of clients; empty where they show no certificate
 */
record TlsFiles(TlsKeyPair keyPair, List<X509Certificate> authorities) {
  private static final byte[] SIGNED = {1, 2, 3};

  TlsFiles {
    authorities = List.copyOf(authorities);
  }

  /**
   * Reads the files.
   *
   * @throws SluiceException NOT_FOUND or INVALID_ARGUMENT, naming the file at fault
   */
  static TlsFiles read(TlsSettings settings) {
    List<X509Certificate> chain = certificates(settings.certificate());
    PrivateKey key = key(settings);
    if (!belongs(key, chain.get(0).getPublicKey())) {
      throw invalid(
          settings.key(),
          "a key of another certificate",
          "the key of " + settings.certificate(),
          null);
    }
    Path authorities = settings.clientAuthorities();
    return new TlsFiles(
        TlsKeyPair.of(key, chain), authorities == null ? List.of() : certificates(authorities));
  }

  private static List<X509Certificate> certificates(Path file) {
    List<X509Certificate> certificates = new ArrayList<>();
    try (InputStream in = open(file)) {
      for (Certificate one : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
        if (one instanceof X509Certificate certificate) {
          requireValid(certificate, file);
          certificates.add(certificate);
        }
      }
    } catch (CertificateException | IOException e) {
      throw invalid(file, "not a certificate", "X.509, PEM, -----BEGIN CERTIFICATE-----", e);
    }
    if (certificates.isEmpty()) {
      throw invalid(file, "no certificate", "X.509, PEM, -----BEGIN CERTIFICATE-----", null);
    }
    return certificates;
  }

  private static void requireValid(X509Certificate certificate, Path file) {
    try {
      certificate.checkValidity();
    } catch (CertificateException e) {
      throw invalid(
          file,
          "valid from "
              + certificate.getNotBefore().toInstant()
              + " to "
              + certificate.getNotAfter().toInstant(),
          "a certificate that is valid now",
          e);
    }
  }

  private static PrivateKey key(TlsSettings settings) {
    try (InputStream key = open(settings.key());
        InputStream certificate = open(settings.certificate())) {
      return TlsKeyPair.of(key, certificate).privateKey();
    } catch (IllegalArgumentException | IOException e) {
      throw invalid(settings.key(), "not a private key", "PKCS #8, PEM, without a password", e);
    }
  }

  private static boolean belongs(PrivateKey key, PublicKey certified) {
    String algorithm =
        switch (certified.getAlgorithm()) {
          case "RSA" -> "SHA256withRSA";
          case "EC" -> "SHA256withECDSA";
          default -> certified.getAlgorithm();
        };
    try {
      Signature signature = Signature.getInstance(algorithm);
      signature.initSign(key);
      signature.update(SIGNED);
      byte[] made = signature.sign();
      signature.initVerify(certified);
      signature.update(SIGNED);
      return signature.verify(made);
    } catch (GeneralSecurityException e) {
      return false;
    }
  }

  private static InputStream open(Path file) {
    try {
      return Files.newInputStream(file);
    } catch (IOException e) {
      throw new SluiceException(
          ErrorCode.NOT_FOUND, file + ": not read: " + e + " (expected: a PEM file)", e);
    }
  }

  private static SluiceException invalid(
      Path file, String found, String expected, @Nullable Throwable cause) {
    return new SluiceException(
        ErrorCode.INVALID_ARGUMENT, file + ": " + found + " (expected: " + expected + ")", cause);
  }
}
