package signin

import (
	"context"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/engine/vault"
)

// Principal is who acts with an access token, and when it expires. Its scopes are those of the token, of a person within what
// his roles allow now. Fault: Unauthorized if it is none of ours, for another server or expired, or what was granted has ended;
// the principal then says whose it was, if we have signed it, for the audit alone.
func (i *Issuer) Principal(ctx context.Context, token string) (access.Principal, time.Time, error) {
	c, found, err := i.claimed(ctx, token)
	if err != nil || !found {
		return access.Principal{}, time.Time{}, errorOr(err, invalid())
	}
	tenant, err := strconv.ParseInt(c.Tenant, 10, 32)
	if err != nil {
		return access.Principal{}, time.Time{}, invalid()
	}
	expires := time.Unix(c.Expires, 0)
	whose := access.Principal{Tenant: int32(tenant), Subject: c.Subject, Client: "client/" + c.Client}
	if !i.o.Now().Before(expires) {
		return whose, time.Time{}, invalid()
	}
	p, err := i.acting(ctx, whose, c)
	if err != nil {
		return whose, time.Time{}, err
	}
	return p, expires, nil
}

// acting is who acts by the grant of a token: an app for somebody, a service, or somebody himself.
func (i *Issuer) acting(ctx context.Context, whose access.Principal, c claims) (access.Principal, error) {
	if c.Client == accounts.OwnClient(whose.Tenant) {
		return i.himself(ctx, whose, c)
	}
	p, err := i.book.Acting(ctx, whose.Tenant, c.Grant)
	if err == nil && (p.Subject != c.Subject || p.Client != whose.Client) {
		err = invalid()
	}
	if err != nil {
		return p, err
	}
	return narrowed(p, c.Scope)
}

// claimed reads an access token of ours that is for this server. It may have expired.
func (i *Issuer) claimed(ctx context.Context, token string) (c claims, found bool, err error) {
	body, signed, err := i.keys.verify(ctx, vault.ES256, accessType, token)
	if err != nil || !signed {
		return c, false, err
	}
	if err := json.Unmarshal(body, &c); err != nil {
		return c, false, nil //nolint:nilerr // then it is no access token
	}
	return c, c.Issuer == i.url && slices.Contains(c.Audience, i.base), nil
}

// narrowed gives a principal the scopes of a token. Of the rights that a person has by roles those on accounts do not come along:
// an app has what was given to it.
func narrowed(p access.Principal, scope string) (access.Principal, error) {
	scopes, err := access.ParseScopes(scope)
	if err != nil {
		return p, invalid()
	}
	if strings.HasPrefix(p.Subject, "user/") {
		scopes = scopes.Within(p.Roles)
	}
	p.Scopes, p.Roles = scopes, p.Roles.OfResources()
	return p, nil
}

func errorOr(err, other error) error {
	if err != nil {
		return err
	}
	return other
}
