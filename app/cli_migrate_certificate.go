package app

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"os"

	"github.com/ficushealth/ficus/strangler/proof"
)

type migrateCertificate struct {
	Verify certificateVerify `cmd:"" help:"Check the signature of a certificate, and what it states."`
}

type certificateVerify struct {
	File string `arg:"" help:"The certificate." type:"existingfile"`
	Key  string `help:"Public key that it must be signed with: Ed25519, 32 bytes in base64." placeholder:"BASE64" env:"-"`
	DB   string `name:"db" help:"Database of the installation that must have signed it." placeholder:"URL"`

	KeyFile string `help:"File of that installation's key; see ficus serve --help." placeholder:"FILE"`
	Tenant  string `help:"Not needed here; see --pack." placeholder:"NAME"`
	noOrigin
}

// Help is shown by --help.
func (c *certificateVerify) Help() string {
	return `The signature is checked with the public key in the certificate. That shows that nothing was changed since it was signed; that the right installation signed it is shown with --key or --db.

The exit code is 1 if the signature or the key is wrong, or if the certificate states a difference.`
}

// Run checks.
func (c *certificateVerify) Run(ctx context.Context, s *Streams) error {
	key, err := c.key(ctx)
	if err != nil {
		return err
	}
	doc, err := os.ReadFile(c.File)
	if err != nil {
		return err
	}
	cert, err := proof.Open(doc, key)
	if err != nil {
		return err
	}
	sayf(s.Out, "The signature fits the public key in the certificate: %s (%s).", cert.Key.Public, cert.Key.ID)
	if key != nil {
		sayf(s.Out, "It is the key of the installation that you named.")
	} else {
		sayf(s.Out, "Whose key that is was not checked: anybody can sign with a key of his own. Give --key or --db.")
	}
	sayf(s.Out, "Pack %s (%s), %s %s (%s), run %d, proved %s:", cert.Pack.Name, short(cert.Pack.Mapping), cert.Source.Kind, cert.Source.Name,
		short(cert.Source.Hash), cert.Run.ID, cert.Finished.Format("2006-01-02 15:04:05 MST"))
	printProof(s.Out, cert)
	return proofFault(cert)
}

// key is the public key that the certificate must be signed with, nil for any.
func (c *certificateVerify) key(ctx context.Context) (ed25519.PublicKey, error) {
	if c.Key != "" {
		key, err := base64.StdEncoding.DecodeString(c.Key)
		if err != nil || len(key) != ed25519.PublicKeySize {
			return nil, usage("--key is no Ed25519 key: 32 bytes in base64")
		}
		return key, nil
	}
	if c.DB == "" {
		return nil, nil
	}
	a, err := OpenReading(ctx, Database{DB: c.DB, KeyFile: c.KeyFile})
	if err != nil {
		return nil, err
	}
	defer a.Close()
	private, err := a.Vault.SignKey(ctx)
	if err != nil && a.DB.Ping(ctx) == nil { // the key would have to be made, and the database is open for reading only
		return nil, unfit("this installation has signed nothing yet: the certificate is another installation's")
	}
	if err != nil {
		return nil, err
	}
	return private.Public().(ed25519.PublicKey), nil
}
