package signin

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/vault"
)

// The types of our JWT (RFC 9068 section 2.1).
const (
	accessType = "at+jwt"
	idType     = "JWT"
)

// claims are those of an access token (RFC 9068 section 2.2).
type claims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience audience `json:"aud"`
	Client   string   `json:"client_id"`
	Scope    string   `json:"scope"`
	Issued   int64    `json:"iat"`
	Expires  int64    `json:"exp"`
	ID       string   `json:"jti"`
	Grant    string   `json:"sid"`
	Tenant   string   `json:"tenant"`
	SignedIn int64    `json:"auth_time,omitempty"`
	Factors  []string `json:"amr,omitempty"`
}

// idClaims are those of an id token (OpenID Connect Core section 2).
type idClaims struct {
	Issuer   string   `json:"iss"`
	Subject  string   `json:"sub"`
	Audience audience `json:"aud"`
	Issued   int64    `json:"iat"`
	Expires  int64    `json:"exp"`
	SignedIn int64    `json:"auth_time,omitempty"`
	Factors  []string `json:"amr,omitempty"`
	Nonce    string   `json:"nonce,omitempty"`
	Hash     string   `json:"at_hash"`
	User     string   `json:"fhirUser,omitempty"`
	Grant    string   `json:"sid"`
}

// handed is the answer of the token endpoint (RFC 6749 section 5.1).
type handed struct {
	Access  string `json:"access_token"`
	Type    string `json:"token_type"`
	Expires int64  `json:"expires_in"`
	Scope   string `json:"scope"`
	Refresh string `json:"refresh_token,omitempty"`
	ID      string `json:"id_token,omitempty"`
	Patient string `json:"patient,omitempty"` // of the launch context (SMART App Launch 2.2)
}

// tokens makes what a client gets for a grant.
func (i *Issuer) tokens(ctx context.Context, g accounts.Grant, scopes []string, refresh string) (h handed, err error) {
	now := i.o.Now()
	expires := now.Add(accessLife)
	if g.Expires.Before(expires) {
		expires = g.Expires
	}
	h = handed{Type: "Bearer", Expires: int64(expires.Sub(now).Seconds()), Scope: strings.Join(scopes, " "), Refresh: refresh}
	h.Patient, _ = g.Claims[claimPatient].(string)
	signedIn, factors := signInOf(g)
	h.Access, err = i.keys.sign(ctx, vault.ES256, accessType, claims{
		Issuer: i.url, Subject: g.Subject, Audience: audience{i.base}, Client: g.Client, Scope: h.Scope, Issued: now.Unix(), Expires: expires.Unix(),
		ID: rand.Text(), Grant: g.ID, Tenant: strconv.Itoa(int(g.Tenant)), SignedIn: signedIn, Factors: factors,
	})
	if err == nil && slices.Contains(scopes, "openid") {
		h.ID, err = i.idToken(ctx, g, h.Access, now)
	}
	return h, err
}

func (i *Issuer) idToken(ctx context.Context, g accounts.Grant, access string, now time.Time) (string, error) {
	sum := sha256.Sum256([]byte(access))
	signedIn, factors := signInOf(g)
	user, _ := g.Claims[claimUser].(string)
	if user != "" {
		user = i.base + "/" + user
	}
	return i.keys.sign(ctx, vault.RS256, idType, idClaims{
		Issuer: i.url, Subject: g.Subject, Audience: audience{g.Client}, Issued: now.Unix(), Expires: now.Add(idLife).Unix(), SignedIn: signedIn, Factors: factors,
		Nonce: g.Asked.Nonce, Hash: base64.RawURLEncoding.EncodeToString(sum[:sha256.Size/2]), Grant: g.ID, User: user,
	})
}

// What a grant says of the sign-in in which it was given, and of its user.
const (
	claimUser    = "fhirUser"
	claimPatient = "patient"
	claimTime    = "auth_time"
	claimFactors = "amr"
)

func signInOf(g accounts.Grant) (at int64, factors []string) {
	seconds, _ := g.Claims[claimTime].(float64)
	list, _ := g.Claims[claimFactors].([]any)
	for _, f := range list {
		if text, isText := f.(string); isText {
			factors = append(factors, text)
		}
	}
	return int64(seconds), factors
}
