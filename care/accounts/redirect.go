package accounts

import (
	"encoding/json"
	"net"
	"net/url"
	"slices"
	"strings"

	"github.com/ficushealth/ficus/fault"
)

// checkRedirect tells whether browsers may be sent to an address with a code: https; http on this machine; or of an app on the device
// a scheme that is named like a domain turned around (RFC 8252 section 7.1). Fault: Invalid.
func (c Client) checkRedirect(text string) error {
	u, err := url.Parse(text)
	if err != nil || u.Fragment != "" || u.User != nil || strings.ContainsAny(text, "#*\\\"'<>") || u.String() != text {
		return fault.New(fault.Invalid, "a redirect address is absolute and written as it is sent, without fragment, user and wildcard")
	}
	switch {
	case u.Scheme == "https" && u.Host != "":
	case u.Scheme == "http" && Loopback(u.Hostname()):
	case c.Method == MethodNone && strings.Contains(u.Scheme, ".") && u.Opaque == "":
	default:
		return fault.New(fault.Invalid, "a redirect address begins with https://, with http:// on 127.0.0.1, [::1] or localhost, or in a public client with a scheme like com.example.app:")
	}
	return nil
}

// Loopback tells whether a host is the machine itself.
func Loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// KeysAddress tells whether keys are an address where they can be fetched, in place of themselves.
func (c Client) KeysAddress() bool { return strings.HasPrefix(c.JWKS, "https://") }

// checkKeys wants a set of public keys (RFC 7517 section 5), or its address. Fault: Invalid.
func (c Client) checkKeys() error {
	if c.KeysAddress() {
		if u, err := url.Parse(c.JWKS); err != nil || u.Host == "" || u.User != nil || u.Fragment != "" {
			return fault.New(fault.Invalid, "the address of a client's keys cannot be read")
		}
		return nil
	}
	var set struct {
		Keys []map[string]any `json:"keys"`
	}
	if err := json.Unmarshal([]byte(c.JWKS), &set); err != nil || len(set.Keys) == 0 {
		return fault.New(fault.Invalid, "the keys of a client are a JSON object with a list of keys (RFC 7517), or an address that begins with https://")
	}
	secret := func(key map[string]any) bool {
		return key["kty"] != "RSA" && key["kty"] != "EC" || key["d"] != nil
	}
	if slices.ContainsFunc(set.Keys, secret) {
		return fault.New(fault.Invalid, "the keys of a client are public keys of RSA or EC; a private or shared one must not leave it")
	}
	return nil
}
