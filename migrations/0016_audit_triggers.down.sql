drop trigger approvals_audit on approvals;
drop trigger labor_entries_audit on labor_entries;
drop trigger manual_steps_audit on manual_steps;
drop trigger process_steps_audit on process_steps;
drop trigger travelers_audit on travelers;
drop function audit_change();
