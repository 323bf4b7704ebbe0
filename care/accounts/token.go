package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
	"github.com/ficushealth/ficus/fhir"
)

// Prefix is how each token begins, so that one that leaks is recognised as what it is.
const Prefix = "ficus_"

// Token is what is known of a token; its text is not.
type Token struct {
	ID       string
	Name     string // for people: what it is for
	User     string // id of the user who acts with it; empty: a client of its own
	Scopes   access.Scopes
	Created  time.Time
	Expires  time.Time // zero: never
	Revoked  time.Time // zero: it is not
	LastUsed time.Time // to the hour; zero: never
}

// Order asks for a token.
type Order struct {
	Name   string        // what it is for
	User   string        // id of the user who is going to act with it; empty: a client of its own
	Scopes string        // as access.ParseScopes reads them
	Life   time.Duration // until it expires; 0: never

	Patient            string // id of whom scopes of the level patient are about
	Clearance, Purpose string // as in Person
}

var tokens = struct{ add, revoke, list db.Text }{
	add: db.Same(`INSERT INTO accounts_token (tenant, id, hash, name, user_id, scopes, created, expires, patient, clearance, purpose)
		SELECT $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11
		WHERE EXISTS (SELECT 1 FROM accounts_tenant WHERE id = $1)
		AND (CAST($5 AS text) IS NULL OR EXISTS (SELECT 1 FROM accounts_user WHERE tenant = $1 AND id = $5))`),
	revoke: db.Same(`UPDATE accounts_token SET revoked = $3 WHERE tenant = $1 AND id = $2 AND revoked IS NULL`),
	list: db.Same(`SELECT id, name, user_id, scopes, created, expires, revoked, last_used
		FROM accounts_token WHERE tenant = $1 ORDER BY created, id`),
}

// Issue makes a token of by's tenant and returns its text, which cannot be had again. Faults: Forbidden; Invalid for scopes
// that cannot be read or a token without a name; Unknown if there is no such tenant or user.
func (a *Accounts) Issue(ctx context.Context, by access.Principal, o Order) (Token, string, error) {
	if err := mayAdminister(by); err != nil {
		return Token{}, "", err
	}
	scopes, err := access.ParseScopes(o.Scopes)
	if err != nil {
		return Token{}, "", err
	}
	if o.Name == "" || o.Life < 0 {
		return Token{}, "", fault.New(fault.Invalid, "a token needs a name, and a life that is not over")
	}
	if o.Patient != "" && !fhir.IsID(o.Patient) {
		return Token{}, "", fault.New(fault.Invalid, "the patient of a token is the id of a Patient, such as 9")
	}
	if err := labels(o.Clearance, o.Purpose); err != nil {
		return Token{}, "", err
	}
	now := a.now()
	t := Token{ID: a.o.NewID(), Name: o.Name, User: o.User, Scopes: scopes, Created: now}
	if o.Life > 0 {
		t.Expires = now.Add(o.Life)
	}
	text := newText()
	hash := sha256.Sum256([]byte(text))
	user := db.Null[string]{V: o.User, OK: o.User != ""}
	err = a.change(ctx, a.entry(by, "create", "Token", t.ID), "there is no such tenant or user", tokens.add,
		by.Tenant, t.ID, hash[:], t.Name, user, scopes.String(), now.UnixMicro(), micros(t.Expires), o.Patient, o.Clearance, o.Purpose)
	if err != nil {
		return Token{}, "", err
	}
	return t, text, nil
}

// newText makes the text of a token: the prefix and 256 random bits.
func newText() string {
	var secret [32]byte
	rand.Read(secret[:]) // never fails
	return Prefix + base64.RawURLEncoding.EncodeToString(secret[:])
}

// Revoke ends a token; signing in with it fails from now on, within the time that server/signin remembers it. Faults:
// Forbidden; Unknown if there is no such token or it is revoked already.
func (a *Accounts) Revoke(ctx context.Context, by access.Principal, id string) error {
	if err := mayAdminister(by); err != nil {
		return err
	}
	return a.change(ctx, a.entry(by, "delete", "Token", id), "there is no such token that could be revoked", tokens.revoke,
		by.Tenant, id, a.o.Now().UnixMicro())
}

// Tokens lists the tokens of a tenant, by age, the revoked and expired ones too.
func (a *Accounts) Tokens(ctx context.Context, tenant int32) (all []Token, err error) {
	err = a.d.Query(ctx, tokens.list, []any{tenant}, func(r db.Row) error {
		scopes, err := access.ParseScopes(r.Text(3))
		if err != nil {
			return err
		}
		all = append(all, Token{ID: r.Text(0), Name: r.Text(1), User: r.Text(2), Scopes: scopes,
			Created: instant(r, 4), Expires: instant(r, 5), Revoked: instant(r, 6), LastUsed: instant(r, 7)})
		return nil
	})
	return all, err
}
