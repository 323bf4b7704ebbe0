package proof

import (
	"bytes"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"strings"

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
// is this one. Only white space and the order of members may have changed since it was signed. fault.Invalid if the
// document cannot be read, holds a member twice or one that no certificate has; fault.Unprocessable if it was changed or
// is another's.
func Open(doc []byte, key ed25519.PublicKey) (c Certificate, err error) {
	text, err := Signed(doc)
	if err != nil {
		return c, err
	}
	if c, err = read(doc); err != nil {
		return c, err
	}
	public, ok := decode64(c.Key.Public)
	if !ok || len(public) != ed25519.PublicKeySize {
		return c, fault.New(fault.Invalid, "the public key in the certificate cannot be read")
	}
	signature, ok := decode64(c.Signature)
	if !ok || !ed25519.Verify(public, text, signature) {
		return c, fault.New(fault.Unprocessable, "the signature does not fit: the certificate was changed after it was signed")
	}
	if key != nil && !key.Equal(ed25519.PublicKey(public)) {
		return c, fault.New(fault.Unprocessable, "the certificate was signed by another installation (key %s)", c.Key.ID)
	}
	return c, nil
}

// read takes the members of a document that was found to be strict JSON.
func read(doc []byte) (c Certificate, err error) {
	d := json.NewDecoder(bytes.NewReader(doc))
	d.DisallowUnknownFields()
	err = d.Decode(&c)
	if c.Format != Format {
		return c, fault.New(fault.Invalid, "this is not a certificate of the form %s", Format)
	}
	if name, unknown := strings.CutPrefix(errorText(err), "json: unknown field "); unknown {
		return c, fault.New(fault.Invalid, "a certificate has no member %s", name)
	}
	if err != nil {
		return c, fault.New(fault.Invalid, "this is not a certificate of the form %s", Format)
	}
	return c, nil
}

func errorText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// decode64 takes the one spelling in base64 that Sign writes: no line breaks, and no bits behind the end.
func decode64(s string) ([]byte, bool) {
	b, err := base64.StdEncoding.Strict().DecodeString(s)
	return b, err == nil && !strings.ContainsAny(s, "\r\n")
}
