package signin

import (
	"context"
	"crypto/rsa"
	"encoding/json"
	"slices"
	"time"

	jose "github.com/go-jose/go-jose/v4"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/fault"
)

const (
	tokenPath     = "/oauth/token"
	assertionLife = 5 * time.Minute // at most (SMART App Launch 2.2, client-confidential-asymmetric)
	skew          = 30 * time.Second
	leastRSA      = 2048 // bits
	mostKeys      = 20   // that are tried for one assertion
)

// algorithms are those by which clients may sign; SMART wants RS384 and ES384.
func algorithms() []jose.SignatureAlgorithm {
	return []jose.SignatureAlgorithm{jose.RS384, jose.ES384, jose.RS256, jose.ES256}
}

func algorithmNames() (names []string) {
	for _, a := range algorithms() {
		names = append(names, string(a))
	}
	return names
}

// asserted is what a client says of itself (RFC 7523 section 3).
type asserted struct {
	Issuer    string   `json:"iss"`
	Subject   string   `json:"sub"`
	Audience  audience `json:"aud"`
	ID        string   `json:"jti"`
	Expires   float64  `json:"exp"`
	NotBefore float64  `json:"nbf"`
}

// audience is one name or several (RFC 7519 section 4.1.3).
type audience []string

// MarshalJSON writes one name as a string, which all libraries read.
func (a audience) MarshalJSON() ([]byte, error) {
	if len(a) == 1 {
		return json.Marshal(a[0])
	}
	return json.Marshal([]string(a))
}

// UnmarshalJSON reads both forms.
func (a *audience) UnmarshalJSON(text []byte) error {
	var one string
	if json.Unmarshal(text, &one) == nil {
		*a = audience{one}
		return nil
	}
	return json.Unmarshal(text, (*[]string)(a))
}

// readAssertion reads an assertion without believing it. false: it is none.
func readAssertion(text string) (*jose.JSONWebSignature, asserted, bool) {
	jws, err := jose.ParseSignedCompact(text, algorithms())
	if err != nil || len(jws.Signatures) != 1 {
		return nil, asserted{}, false
	}
	var said asserted
	err = json.Unmarshal(jws.UnsafePayloadWithoutVerification(), &said)
	return jws, said, err == nil && said.Issuer != "" && said.Issuer == said.Subject && said.ID != ""
}

// byAssertion finds the client that has signed an assertion, which is good once. why says what speaks against it.
func (i *Issuer) byAssertion(ctx context.Context, id, text string) (c accounts.Client, why string, err error) {
	jws, said, fits := readAssertion(text)
	if !fits || id != "" && id != said.Issuer {
		return c, "an assertion that cannot be read", nil
	}
	c, err = i.book.Client(ctx, said.Issuer)
	switch {
	case fault.Is(err, fault.Unknown):
		return accounts.Client{}, "an assertion of a client that is not known", nil
	case err != nil:
		return c, "", err
	case c.Method != accounts.MethodJWT || !i.signed(ctx, c, jws):
		return c, "an assertion that the client has not signed", nil
	case !i.timely(said):
		return c, "an assertion for another server, or for another time", nil
	}
	err = i.book.Seen(ctx, c, said.ID, seconds(said.Expires))
	if fault.Is(err, fault.Conflict) {
		return c, "an assertion that was shown before", nil
	}
	return c, "", err
}

// timely tells whether an assertion is for us, now, and for no longer than it may be.
func (i *Issuer) timely(said asserted) bool {
	now, expires := i.o.Now(), seconds(said.Expires)
	meant := slices.Contains(said.Audience, i.url) || slices.Contains(said.Audience, i.url+tokenPath)
	return meant && now.Before(expires) && expires.Sub(now) <= assertionLife+skew && !seconds(said.NotBefore).After(now.Add(skew))
}

// seconds is an instant of a JWT. What lies outside of what we count is the beginning of time.
func seconds(s float64) time.Time {
	if !(s >= 0 && s < 1<<40) {
		return time.Unix(0, 0)
	}
	return time.Unix(int64(s), 0)
}

// signed tells whether a key of the client fits. The key says by which algorithm it signs, if it says so, and not the assertion.
func (i *Issuer) signed(ctx context.Context, c accounts.Client, jws *jose.JSONWebSignature) bool {
	head := jws.Signatures[0].Protected
	for n, key := range i.clients.of(ctx, c, head.KeyID) {
		weak := false
		if k, isRSA := key.Key.(*rsa.PublicKey); isRSA {
			weak = k.N.BitLen() < leastRSA
		}
		if n >= mostKeys || weak || key.Algorithm != "" && key.Algorithm != head.Algorithm {
			continue
		}
		if _, err := jws.Verify(key); err == nil {
			return true
		}
	}
	return false
}
