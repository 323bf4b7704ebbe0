package store

// Tenant is the number of the caller's tenant.
func (d *Desk) Tenant() int32 { return d.p.Tenant }
