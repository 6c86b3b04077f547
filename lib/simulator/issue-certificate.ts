import { createPublicKey, type KeyObject, randomBytes, sign, X509Certificate } from 'node:crypto';
import { asn1, jsbn, pki } from 'node-forge';

/** What a certificate says. */
interface CertificateContent {
    commonName: string;
    /** The private key that it vouches for: EC P-256 or RSA. */
    key: KeyObject;
    /** Who signs; absent where the certificate signs itself. */
    issuer?: { commonName: string; key: KeyObject };
    /** Milliseconds since the epoch: valid from a day before to a year after. */
    now: number;
    /** As the library names them: `{ name: 'basicConstraints', cA: true, critical: true }`. */
    extensions?: object[];
}

const day = 86_400_000;

/**
 * Makes an X.509 certificate. The library writes its form; Node.js makes keys and signatures, since the library knows
 * RSA only.
 * @see https://www.rfc-editor.org/rfc/rfc5280#section-4.1
 */
export function issueCertificate(content: CertificateContent): X509Certificate {
    const { commonName, key, issuer = { commonName, key }, now, extensions = [] } = content;
    const form = pki.createCertificate();
    // A leading 1 keeps it positive and free of leading zeros.
    form.serialNumber = `01${randomBytes(16).toString('hex')}`;
    form.validity.notBefore = new Date(now - day);
    form.validity.notAfter = new Date(now + 365 * day);
    form.setSubject(nameOf(commonName));
    form.setIssuer(nameOf(issuer.commonName));
    form.setExtensions(extensions);
    form.publicKey = anyKey;
    form.siginfo.algorithmOid = form.signatureOid = anyAlgorithm;
    form.signature = '';
    return filled(form, key, issuer.key);
}

/** What the library insists on, until the real ones take its place. */
const anyKey = pki.rsa.setPublicKey(new jsbn.BigInteger('3'), new jsbn.BigInteger('3'));
const anyAlgorithm = pki.oids.sha256WithRSAEncryption as string;

function filled(form: pki.Certificate, key: KeyObject, signer: KeyObject): X509Certificate {
    const algorithm = algorithmOf(signer);
    const [content] = pki.certificateToAsn1(form).value as [asn1.Asn1];
    // Fields of a TBSCertificate: 2 is the algorithm of the signature, 6 the public key.
    const fields = content.value as asn1.Asn1[];
    fields[2] = algorithm;
    fields[6] = asn1.fromDer(createPublicKey(key).export({ type: 'spki', format: 'der' }).toString('binary'));
    const signature = sign('sha256', derOf(content), signer);
    return new X509Certificate(derOf(sequence([content, algorithm, bitString(signature)])));
}

/** RSA wants a NULL as parameters (RFC 4055, section 5), ECDSA wants none (RFC 5758, section 3.2). */
function algorithmOf({ asymmetricKeyType }: KeyObject): asn1.Asn1 {
    return asymmetricKeyType === 'rsa'
        ? sequence([oid(anyAlgorithm), asn1.create(asn1.Class.UNIVERSAL, asn1.Type.NULL, false, '')])
        : sequence([oid('1.2.840.10045.4.3.2')]);
}

function nameOf(commonName: string): pki.CertificateField[] {
    return [{ name: 'commonName', value: commonName }];
}

function sequence(values: asn1.Asn1[]): asn1.Asn1 {
    return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.SEQUENCE, true, values);
}

function oid(dotted: string): asn1.Asn1 {
    return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.OID, false, asn1.oidToDer(dotted).getBytes());
}

/** The first octet tells that no bit is left over. */
function bitString(octets: Buffer): asn1.Asn1 {
    return asn1.create(asn1.Class.UNIVERSAL, asn1.Type.BITSTRING, false, `\0${octets.toString('binary')}`);
}

function derOf(value: asn1.Asn1): Buffer {
    return Buffer.from(asn1.toDer(value).getBytes(), 'binary');
}
