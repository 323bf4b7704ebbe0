package signin

import (
	"net/http"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/vault"
)

// metadata is what a client can find out about the server (OpenID Connect Discovery 1.0, RFC 8414).
type metadata struct {
	Issuer        string   `json:"issuer"`
	Authorize     string   `json:"authorization_endpoint"`
	Token         string   `json:"token_endpoint"`
	JWKS          string   `json:"jwks_uri"`
	UserInfo      string   `json:"userinfo_endpoint,omitempty"`
	Introspect    string   `json:"introspection_endpoint"`
	Revoke        string   `json:"revocation_endpoint"`
	Device        string   `json:"device_authorization_endpoint,omitempty"`
	EndSession    string   `json:"end_session_endpoint,omitempty"`
	Register      string   `json:"registration_endpoint,omitempty"`
	Scopes        []string `json:"scopes_supported"`
	ResponseTypes []string `json:"response_types_supported"`
	ResponseModes []string `json:"response_modes_supported,omitempty"`
	GrantTypes    []string `json:"grant_types_supported"`
	Methods       []string `json:"token_endpoint_auth_methods_supported"`
	Algorithms    []string `json:"token_endpoint_auth_signing_alg_values_supported"`
	PKCE          []string `json:"code_challenge_methods_supported"`
	Subjects      []string `json:"subject_types_supported,omitempty"`
	IDAlgorithms  []string `json:"id_token_signing_alg_values_supported,omitempty"`
	Claims        []string `json:"claims_supported,omitempty"`
	Prompts       []string `json:"prompt_values_supported,omitempty"`
	Iss           bool     `json:"authorization_response_iss_parameter_supported,omitempty"`
	NoRequestURI  *bool    `json:"request_uri_parameter_supported,omitempty"`
	Capabilities  []string `json:"capabilities,omitempty"`
}

func (i *Issuer) discovery(*http.Request) (any, error) {
	m, off := i.common(), false
	m.ResponseModes, m.Subjects, m.IDAlgorithms = []string{"query"}, []string{"public"}, []string{vault.RS256}
	m.Claims = []string{"iss", "sub", "aud", "exp", "iat", "auth_time", "nonce", "amr", "at_hash", "sid", "name", "preferred_username", "fhirUser"}
	m.Prompts, m.Iss, m.NoRequestURI = []string{"none", "login", "consent", "select_account"}, true, &off
	return cached{m}, nil
}

// smart is the same for apps of FHIR (SMART App Launch 2.2, section 3.1): what is offered of that so far.
func (i *Issuer) smart(*http.Request) (any, error) {
	m := i.common()
	m.Capabilities = []string{"client-public", "client-confidential-symmetric", "client-confidential-asymmetric",
		"launch-standalone", "context-standalone-patient", "sso-openid-connect", "permission-offline", "permission-online", "permission-patient", "permission-user", "permission-v1", "permission-v2", "authorize-post"}
	return cached{m}, nil
}

func (i *Issuer) common() metadata {
	m := metadata{
		Issuer: i.url, Authorize: i.url + "/oauth/authorize", Token: i.url + tokenPath, JWKS: i.url + "/oauth/jwks", UserInfo: i.url + "/oauth/userinfo",
		Introspect: i.url + "/oauth/introspect", Revoke: i.url + "/oauth/revoke", Device: i.url + "/oauth/device", EndSession: i.url + "/oauth/end-session",
		Scopes:        []string{"openid", "profile", "offline_access", "online_access", "fhirUser", "launch/patient", "patient/*.cruds", "user/*.cruds", "system/*.cruds"},
		ResponseTypes: []string{"code"}, PKCE: []string{"S256"},
		GrantTypes: []string{accounts.GrantCode, accounts.GrantRefresh, accounts.GrantClient, accounts.GrantDevice},
		Methods:    []string{accounts.MethodNone, accounts.MethodBasic, accounts.MethodPost, accounts.MethodJWT},
		Algorithms: algorithmNames(),
	}
	if i.o.Register {
		m.Register = i.url + "/oauth/register"
	}
	return m
}
