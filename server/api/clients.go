package api

import (
	"net/http"
	"time"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
)

// clientOperations are those on programs that ask for access by OAuth.
func clientOperations() []operation {
	reads, writes := accountsTo(access.Reading), accountsTo(access.Writing)
	return []operation{
		on(operation{method: "GET", path: "/admin/clients", needs: reads, says: "The clients of OAuth, by age", params: paged()}, (*call).clients),
		on(operation{method: "POST", path: "/admin/clients", needs: writes, status: http.StatusCreated, says: "Make a client; its secret is shown this once"}, (*call).addClient),
		on(operation{method: "GET", path: "/admin/clients/{id}", needs: reads, says: "A client"}, (*call).client),
		on(operation{method: "PATCH", path: "/admin/clients/{id}", needs: writes, changes: true, says: "Change what is named of a client; if it may ask for less, all that was granted to it ends"}, (*call).changeClient),
		on(operation{method: "DELETE", path: "/admin/clients/{id}", needs: writes, status: http.StatusNoContent, says: "End a client, and all that was granted to it"}, (*call).endClient),
		on(operation{method: "POST", path: "/admin/clients/{id}/secret", needs: writes, says: "Give a client another secret, shown this once; the one before ends"}, (*call).clientSecret),
	}
}

type client struct {
	ID        string    `json:"id" says:"client_id"`
	Name      string    `json:"name"`
	Method    string    `json:"token_endpoint_auth_method"`
	Grants    []string  `json:"grant_types"`
	Redirects []string  `json:"redirect_uris"`
	Scopes    []string  `json:"scopes" says:"what it may ask for at most"`
	Keys      string    `json:"keys,omitempty" says:"its public keys: a JSON Web Key Set, or where one lies"`
	CreatedAt time.Time `json:"created_at"`
}

func shownClient(c accounts.Client) client {
	return client{c.ID, c.Name, c.Method, listed(c.Grants), listed(c.Redirects), listed(c.Scopes), c.JWKS, c.Created}
}

type newClient struct {
	Name      string   `json:"name" least:"1" most:"200" says:"people see it when they are asked"`
	Method    string   `json:"token_endpoint_auth_method" among:"none client_secret_basic client_secret_post private_key_jwt"`
	Grants    []string `json:"grant_types" least:"1" most:"4" says:"authorization_code, refresh_token, client_credentials, urn:ietf:params:oauth:grant-type:device_code"`
	Redirects []string `json:"redirect_uris,omitempty" most:"20"`
	Scopes    []string `json:"scopes" least:"1" most:"500"`
	Keys      string   `json:"keys,omitempty" most:"32768" says:"for private_key_jwt: a JSON Web Key Set as text, or the https address of one"`
}

type clientChange struct {
	Name      *string   `json:"name,omitempty" least:"1" most:"200"`
	Redirects *[]string `json:"redirect_uris,omitempty" most:"20"`
	Scopes    *[]string `json:"scopes,omitempty" least:"1" most:"500"`
}

type registered struct {
	Client client `json:"client"`
	Secret string `json:"client_secret,omitempty" says:"shown this once"`
}

type clientSecret struct {
	Secret string `json:"client_secret" says:"shown this once"`
}

// clients answers GET /admin/clients.
func (c *call) clients(none) (page[client], error) {
	p, _, err := c.paging()
	if err != nil {
		return page[client]{}, err
	}
	list, total, err := c.s.Book.ClientPage(c.ctx, c.p.Tenant, p)
	return pageOf(p, total, list, shownClient), err
}

// client answers GET /admin/clients/{id}. An id names its tenant itself.
func (c *call) client(none) (client, error) {
	x, err := c.s.Book.Client(c.ctx, c.r.PathValue("id"))
	if err == nil && x.Tenant != c.p.Tenant {
		err = fault.New(fault.Unknown, "there is no such client")
	}
	if err != nil {
		return client{}, err
	}
	return tagged(c, shownClient(x), nil)
}

// addClient answers POST /admin/clients.
func (c *call) addClient(in newClient) (registered, error) {
	made, secret, err := c.s.Book.Register(c.ctx, c.p, accounts.Client{Name: in.Name, Method: in.Method, JWKS: in.Keys, Redirects: in.Redirects, Grants: in.Grants, Scopes: in.Scopes})
	if err != nil {
		return registered{}, err
	}
	c.w.Header().Set("Location", Root+"/admin/clients/"+made.ID)
	shown, err := tagged(c, shownClient(made), nil)
	return registered{shown, secret}, err
}

// changeClient answers PATCH /admin/clients/{id}.
func (c *call) changeClient(in clientChange) (client, error) {
	change := accounts.ClientChange{Name: in.Name, Redirects: in.Redirects, Scopes: in.Scopes}
	x, err := c.s.Book.ChangeClient(c.ctx, c.p, c.r.PathValue("id"), change, unchanged(c, shownClient))
	return tagged(c, shownClient(x), err)
}

// endClient answers DELETE /admin/clients/{id}.
func (c *call) endClient(none) (out none, err error) {
	return none{}, c.s.Book.EndClient(c.ctx, c.p, c.r.PathValue("id"))
}

// clientSecret answers POST /admin/clients/{id}/secret.
func (c *call) clientSecret(none) (clientSecret, error) {
	secret, err := c.s.Book.NewClientSecret(c.ctx, c.p, c.r.PathValue("id"))
	return clientSecret{secret}, err
}
