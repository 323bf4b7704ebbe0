package proof

import (
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"

	"github.com/ficushealth/ficus/fault"
)

// Sign fills in key and signature and returns the certificate as JSON for people, indented. What is signed is the
// canonical form (see Canonical) of the document without its member "signature".
func Sign(c Certificate, keyID string, key ed25519.PrivateKey) ([]byte, error) {
	public, ok := key.Public().(ed25519.PublicKey)
	if !ok {
		return nil, fault.New(fault.Internal, "the signing key is no Ed25519 key")
	}
	c.Key = Key{ID: keyID, Public: base64.StdEncoding.EncodeToString(public)}
	c.Signature = ""
	plain, err := json.Marshal(c)
	if err != nil {
		return nil, err
	}
	text, err := Signed(plain)
	if err != nil {
		return nil, err
	}
	c.Signature = base64.StdEncoding.EncodeToString(ed25519.Sign(key, text))
	return json.MarshalIndent(c, "", "  ")
}

// Signed is the text that the signature of a certificate covers.
func Signed(doc []byte) ([]byte, error) {
	v, err := decode(doc)
	if err != nil {
		return nil, err
	}
	o, ok := v.(map[string]any)
	if !ok {
		return nil, fault.New(fault.Invalid, "the certificate is no JSON object")
	}
	delete(o, "signature")
	return appendCanonical(nil, o)
}

// Open reads a certificate and checks its signature with the public key that stands in it and, if key is given, that it
// is this one. fault.Invalid if the document cannot be read, fault.Unprocessable if it was changed or is another's.
func Open(doc []byte, key ed25519.PublicKey) (c Certificate, err error) {
	if err := json.Unmarshal(doc, &c); err != nil || c.Format != Format {
		return c, fault.New(fault.Invalid, "this is not a certificate of the form %s", Format)
	}
	text, err := Signed(doc)
	if err != nil {
		return c, err
	}
	public, err := base64.StdEncoding.DecodeString(c.Key.Public)
	if err != nil || len(public) != ed25519.PublicKeySize {
		return c, fault.New(fault.Invalid, "the public key in the certificate cannot be read")
	}
	signature, err := base64.StdEncoding.DecodeString(c.Signature)
	if err != nil || !ed25519.Verify(public, text, signature) {
		return c, fault.New(fault.Unprocessable, "the signature does not fit: the certificate was changed after it was signed")
	}
	if key != nil && !key.Equal(ed25519.PublicKey(public)) {
		return c, fault.New(fault.Unprocessable, "the certificate was signed by another installation (key %s)", c.Key.ID)
	}
	return c, nil
}
