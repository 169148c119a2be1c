-- A listener on nexus_approvals hears of it at the commit, and never of what was rolled back.
create function notify_approval() returns trigger
language plpgsql as $$
begin
	new.notified_at := now();
	perform pg_notify('nexus_approvals', json_build_object(
		'id', new.id,
		'traveler_id', new.traveler_id,
		'status', new.status
	)::text);
	return new;
end
$$;

create trigger approvals_requested
	before insert on approvals
	for each row execute function notify_approval();

create trigger approvals_decided
	before update of status on approvals
	for each row when (new.status <> old.status)
	execute function notify_approval();
