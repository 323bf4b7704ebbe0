package api

import (
	"cmp"
	"net/http"
	"slices"

	"github.com/ficushealth/ficus/care/accounts"
	"github.com/ficushealth/ficus/engine/access"
	"github.com/ficushealth/ficus/fault"
)

// settingOperations are those on what a tenant has chosen.
func settingOperations() []operation {
	reads, writes := accountsTo(access.Reading), accountsTo(access.Writing)
	return []operation{
		on(operation{method: "GET", path: "/admin/settings", needs: reads, says: "What the tenant has chosen", params: paged()}, (*call).settings),
		on(operation{method: "GET", path: "/admin/settings/{name}", needs: reads, says: "A setting"}, (*call).setting),
		on(operation{method: "PATCH", path: "/admin/settings/{name}", needs: writes, says: "Choose a value; the last one counts"}, (*call).choose),
		on(operation{method: "DELETE", path: "/admin/settings/{name}", needs: writes, status: http.StatusNoContent, says: "Go back to what the installation says"}, (*call).unchoose),
	}
}

type setting struct {
	Name  string `json:"name"`
	Value string `json:"value" says:"default: as the installation says"`
}

type settingChange struct {
	Value string `json:"value" least:"1" most:"200"`
}

// settings answers GET /admin/settings.
func (c *call) settings(none) (page[setting], error) {
	p, _, err := c.paging()
	if err != nil {
		return page[setting]{}, err
	}
	chosen, err := c.s.Book.Chosen(c.ctx, c.p.Tenant)
	return cut(p, accounts.SettingNames(), func(name string) setting { return setting{name, cmp.Or(chosen[name], accounts.Default)} }), err
}

// setting answers GET /admin/settings/{name}.
func (c *call) setting(none) (setting, error) {
	name, err := c.settingName()
	if err != nil {
		return setting{}, err
	}
	chosen, err := c.s.Book.Chosen(c.ctx, c.p.Tenant)
	return setting{name, cmp.Or(chosen[name], accounts.Default)}, err
}

func (c *call) settingName() (string, error) {
	name := c.r.PathValue("name")
	if !slices.Contains(accounts.SettingNames(), name) {
		return "", fault.New(fault.Unknown, "there is no such setting")
	}
	return name, nil
}

// choose answers PATCH /admin/settings/{name}.
func (c *call) choose(in settingChange) (setting, error) {
	name, err := c.settingName()
	if err == nil {
		err = c.s.Book.Choose(c.ctx, c.p, name, in.Value)
	}
	return setting{name, in.Value}, err
}

// unchoose answers DELETE /admin/settings/{name}.
func (c *call) unchoose(none) (out none, err error) {
	name, err := c.settingName()
	if err == nil {
		err = c.s.Book.Choose(c.ctx, c.p, name, accounts.Default)
	}
	return none{}, err
}
