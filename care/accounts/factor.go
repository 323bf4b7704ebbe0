package accounts

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base32"
	"encoding/binary"
	"strings"
	"time"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fault"
)

// The kinds of second factors.
const (
	TOTP     = "totp"     // an authenticator app (RFC 6238)
	Recovery = "recovery" // a code for the day on which the app is lost
)

// Factor is what somebody signs in with beside a password.
type Factor struct {
	ID, Kind  string
	Created   time.Time
	Confirmed time.Time // zero: it does not count yet
}

var factors = struct{ add, read, confirm, spend, recover, dropRecovery, drop, remove, list db.Text }{
	add:          db.Same(`INSERT INTO accounts_factor (tenant, user_id, id, kind, data, step, created, confirmed) VALUES ($1, $2, $3, $4, $5, 0, $6, $7)`),
	read:         db.Same(`SELECT id, data, step FROM accounts_factor WHERE tenant = $1 AND user_id = $2 AND kind = 'totp' AND (confirmed IS NOT NULL OR id = $3)`),
	confirm:      db.Same(`UPDATE accounts_factor SET confirmed = $4, step = $5 WHERE tenant = $1 AND user_id = $2 AND id = $3 AND confirmed IS NULL`),
	spend:        db.Same(`UPDATE accounts_factor SET step = $4 WHERE tenant = $1 AND user_id = $2 AND id = $3 AND step < $4`),
	recover:      db.Same(`DELETE FROM accounts_factor WHERE tenant = $1 AND user_id = $2 AND kind = 'recovery' AND data = $3`),
	dropRecovery: db.Same(`DELETE FROM accounts_factor WHERE tenant = $1 AND user_id = $2 AND kind = 'recovery'`),
	drop:         db.Same(`DELETE FROM accounts_factor WHERE tenant = $1 AND user_id = $2`),
	remove:       db.Same(`DELETE FROM accounts_factor WHERE tenant = $1 AND user_id = $2 AND id = $3 AND kind = 'totp'`),
	list:         db.Same(`SELECT id, kind, created, confirmed FROM accounts_factor WHERE tenant = $1 AND user_id = $2 ORDER BY created, id`),
}

// itself is the id of the user who asks for himself. Fault: Forbidden for clients and for Ficus, and for who must change the
// password first.
func itself(by access.Principal) (string, error) {
	id, _, err := signedIn(by)
	if err == nil && by.Grant == "" {
		err = fault.New(fault.Forbidden, "the password must be changed first")
	}
	return id, err
}

// signedIn is the user who asks, and his session. Fault: Forbidden.
func signedIn(by access.Principal) (user, session string, err error) {
	user, isUser := strings.CutPrefix(by.Subject, "user/")
	session, has := strings.CutPrefix(by.Client, "session/")
	if !isUser || !has {
		return "", "", fault.New(fault.Forbidden, "only a user who has signed in can do this for himself")
	}
	return user, session, nil
}

// AddTOTP makes a secret for an authenticator app of the caller, and the address by which the app takes it. It counts once
// ConfirmTOTP has seen a code of it. Faults: Forbidden.
func (a *Accounts) AddTOTP(ctx context.Context, by access.Principal, issuer string) (id, uri string, err error) {
	user, err := itself(by)
	if err != nil {
		return "", "", err
	}
	secret := make([]byte, secretSize)
	rand.Read(secret) // never fails
	id = a.o.NewID()
	sealed, err := a.seal(ctx, by.Tenant, user+"/"+id, secret)
	if err != nil {
		return "", "", err
	}
	err = a.change(ctx, a.entry(by, "create", "Factor", id), "", factors.add, by.Tenant, user, id, TOTP, sealed, a.now().UnixMicro(), db.Null[int64]{})
	return id, address(issuer, by.Name, secret), err
}

// ConfirmTOTP lets a factor count: from now on the caller signs in with it. Faults: Forbidden; Invalid for a wrong code;
// TooMany; Unknown.
func (a *Accounts) ConfirmTOTP(ctx context.Context, by access.Principal, id, code string) error {
	user, err := itself(by)
	if err != nil {
		return err
	}
	who, err := a.keyed(ctx, by.Tenant, "factor", user)
	if err != nil {
		return err
	}
	if err := a.try(ctx, by.Tenant, who); err != nil {
		return err
	}
	_, step, err := a.match(ctx, by.Tenant, user, id, code)
	if err != nil {
		return err
	}
	if step == 0 {
		return fault.New(fault.Invalid, "the code is wrong; see whether the clock of the device is right")
	}
	return a.write(ctx, by.Tenant, func(t db.Tx) error {
		err := once(ctx, t, "there is no such factor that waits to be confirmed", factors.confirm, by.Tenant, user, id, a.now().UnixMicro(), step)
		if err != nil {
			return err
		}
		if err := a.succeed(ctx, t, by.Tenant, who); err != nil {
			return err
		}
		return a.last(ctx, t, a.entry(by, "confirm", "Factor", id))
	})
}

// match looks for the factor of the user to which a code belongs. Factors that are not confirmed count only if they are named.
func (a *Accounts) match(ctx context.Context, tenant int32, user, named, code string) (id string, step int64, err error) {
	type kept struct {
		id   string
		data []byte
		last int64
	}
	var all []kept
	err = a.d.Query(ctx, factors.read, []any{tenant, user, named}, func(r db.Row) error {
		if named == "" || named == r.Text(0) {
			all = append(all, kept{r.Text(0), r.Bytes(1), r.Int64(2)})
		}
		return nil
	})
	for _, f := range all {
		secret, err := a.unseal(ctx, tenant, user+"/"+f.id, f.data)
		if err != nil {
			return "", 0, err
		}
		if s := matches(secret, code, a.o.Now(), f.last); s > 0 {
			return f.id, s, nil
		}
	}
	return "", 0, err
}

// recoveryCodes is how many a user has.
const recoveryCodes = 10

// NewRecoveryCodes gives the caller codes for the day on which the device is lost, each good once. Those from before end.
// Faults: Forbidden.
func (a *Accounts) NewRecoveryCodes(ctx context.Context, by access.Principal) (codes []string, err error) {
	user, err := itself(by)
	if err != nil {
		return nil, err
	}
	hashes := make([][]byte, recoveryCodes)
	for i := range hashes {
		codes = append(codes, recoveryCode())
		if hashes[i], err = a.keyed(ctx, by.Tenant, "recovery", user, codes[i]); err != nil {
			return nil, err
		}
	}
	now := a.now().UnixMicro()
	return codes, a.write(ctx, by.Tenant, func(t db.Tx) error {
		if _, err := t.Exec(ctx, factors.dropRecovery, by.Tenant, user); err != nil {
			return err
		}
		for _, h := range hashes {
			if _, err := t.Exec(ctx, factors.add, by.Tenant, user, a.o.NewID(), Recovery, h, now, db.Some(now)); err != nil {
				return err
			}
		}
		return a.last(ctx, t, a.entry(by, "create", "RecoveryCodes", user))
	})
}

// recoveryCode is 50 random bits in two groups of letters and digits.
func recoveryCode() string {
	var b [7]byte
	rand.Read(b[:]) // never fails
	text := strings.ToLower(base32.StdEncoding.EncodeToString(b[:]))
	return text[:5] + "-" + text[5:10]
}

// RemoveTOTP takes an authenticator app from the caller. Who lets it be called makes sure that he has just signed in. Faults:
// Forbidden; Unknown if he has no such app.
func (a *Accounts) RemoveTOTP(ctx context.Context, by access.Principal, id string) error {
	user, err := itself(by)
	if err != nil {
		return err
	}
	return a.change(ctx, a.entry(by, "delete", "Factor", id), "you have no such authenticator app", factors.remove, by.Tenant, user, id)
}

// DropFactors takes all second factors from a user who has lost them; his sessions end. Faults: Forbidden, also of one who
// may do less than the user; Unknown if he has none.
func (a *Accounts) DropFactors(ctx context.Context, by access.Principal, user string) error {
	if err := may(by, access.Writing); err != nil {
		return err
	}
	return a.changeUser(ctx, by, user, "drop-factors", func(t db.Tx) error {
		if err := once(ctx, t, "the user has no second factor", factors.drop, by.Tenant, user); err != nil {
			return err
		}
		return a.endAll(ctx, t, by.Tenant, user, "")
	})
}

// Factors lists the second factors of a user, by age.
func (a *Accounts) Factors(ctx context.Context, tenant int32, user string) (all []Factor, err error) {
	err = a.d.Query(ctx, factors.list, []any{tenant, user}, func(r db.Row) error {
		all = append(all, Factor{r.Text(0), r.Text(1), instant(r, 2), instant(r, 3)})
		return nil
	})
	return all, err
}

func (a *Accounts) seal(ctx context.Context, tenant int32, place string, plain []byte) ([]byte, error) {
	s, err := a.o.Vault.Sealer(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return s.Seal(nil, plain, credential(tenant, place))
}

func (a *Accounts) unseal(ctx context.Context, tenant int32, place string, sealed []byte) ([]byte, error) {
	s, err := a.o.Vault.Sealer(ctx, tenant)
	if err != nil {
		return nil, err
	}
	return s.Open(nil, sealed, credential(tenant, place))
}

// credential binds a sealed text to what it belongs to.
func credential(tenant int32, place string) vault.AD {
	sum := sha256.Sum256([]byte(place))
	return vault.AD{Tenant: tenant, RID: int64(binary.BigEndian.Uint64(sum[:8])), Use: vault.Credential}
}
