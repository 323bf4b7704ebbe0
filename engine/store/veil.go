package store

import (
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"

	"github.com/ficushealth/ficus/engine/vault"
	"github.com/ficushealth/ficus/fault"
)

// Veil seals a query under the tenant's key, so that a link can hold it and tell nothing. Only the
// same caller can lift the veil, and only at the same place.
func (d *Desk) Veil(ctx context.Context, place, query string) (string, error) {
	k, err := d.s.keys(ctx, d.p.Tenant)
	if err != nil {
		return "", err
	}
	sealed, err := k.sealer.Seal(nil, []byte(query), d.veiled(place))
	return base64.RawURLEncoding.EncodeToString(sealed), err
}

// Unveil gives the query that Veil has sealed. Faults: Invalid for anything else.
func (d *Desk) Unveil(ctx context.Context, place, text string) (string, error) {
	k, err := d.s.keys(ctx, d.p.Tenant)
	if err != nil {
		return "", err
	}
	sealed, err := unbase64(text)
	if err != nil {
		return "", badCursor()
	}
	query, err := k.sealer.Open(nil, sealed, d.veiled(place))
	if fault.Is(err, fault.Internal) {
		return "", badCursor()
	}
	return string(query), err
}

// veiled says where a veil belongs: it has no row, so its number is made of place and caller.
func (d *Desk) veiled(place string) vault.AD {
	sum := sha256.Sum256([]byte("link\x00" + place + "\x00" + d.p.Subject))
	return vault.AD{Tenant: d.p.Tenant, RID: int64(binary.BigEndian.Uint64(sum[:])), Use: vault.Other}
}
