package accounts

import (
	"context"
	"crypto/rand"
	"math/big"
	"strconv"
	"strings"
	"unicode"

	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/db"
	"github.com/ficushealth/ficus/fault"
)

// A user code is read from one device and typed into another (RFC 8628 section 6.1): eight letters that make no words, behind
// the tenant. Its text is like 1.BCDFGHJK and is shown as 1-BCDF-GHJK.
const (
	userLetters = "BCDFGHJKLMNPQRSTVWXZ"
	userLength  = 8
)

func newUserCode(tenant int32) string {
	code := make([]byte, userLength)
	for i := range code {
		n, _ := rand.Int(rand.Reader, big.NewInt(int64(len(userLetters)))) // never fails
		code[i] = userLetters[n.Int64()]
	}
	return strconv.FormatInt(int64(tenant), 36) + "." + string(code)
}

// ShowUserCode is a user code as people read it.
func ShowUserCode(text string) string {
	tenant, code, found := strings.Cut(text, ".")
	if !found || len(code) != userLength {
		return ""
	}
	return tenant + "-" + code[:4] + "-" + code[4:]
}

// ReadUserCode is the text of a user code that somebody has typed, in small letters and with whatever between them.
func ReadUserCode(typed string) string {
	kept := strings.Map(func(r rune) rune {
		if r > unicode.MaxASCII || !unicode.IsLetter(r) && !unicode.IsDigit(r) {
			return -1
		}
		return unicode.ToUpper(r)
	}, typed)
	if len(kept) <= userLength || len(kept) > longestSecret {
		return ""
	}
	at := len(kept) - userLength
	return strings.ToLower(kept[:at]) + "." + kept[at:]
}

// Typed finds the request for which a user who has signed in has typed a code. Guesses are counted. Faults: Forbidden; Unknown if
// there is none, or it was answered; TooMany.
func (a *Accounts) Typed(ctx context.Context, by access.Principal, text string) (Grant, error) {
	user, _, err := signedIn(by)
	if err != nil {
		return Grant{}, err
	}
	who, err := a.keyed(ctx, by.Tenant, "user code", user)
	if err != nil {
		return Grant{}, err
	}
	if err := a.try(ctx, by.Tenant, who); err != nil {
		return Grant{}, err
	}
	g, err := a.Find(ctx, UserCode, text)
	if fault.Is(err, fault.Unauthorized) || err == nil && (g.Tenant != by.Tenant || !g.Given.IsZero()) {
		err = fault.New(fault.Unknown, "nothing waits for this code")
	}
	if err != nil {
		return Grant{}, err
	}
	return g, a.d.Write(ctx, func(t db.Tx) error { return a.succeed(ctx, t, by.Tenant, who) })
}
