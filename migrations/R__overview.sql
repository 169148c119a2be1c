-- "create or replace" keeps the grants of R__roles.sql.
create or replace view traveler_overview as
select
	t.id,
	t.job_number,
	t.work_order_number,
	t.part_number,
	t.part_description,
	t.revision,
	t.quantity,
	t.customer_name,
	t.priority,
	t.status,
	t.due_date,
	s.steps,
	s.steps_completed,
	s.estimated_minutes,
	n.step_number as next_step_number,
	n.operation as next_operation,
	t.updated_at
from travelers t
cross join lateral (
	select
		count(*) as steps,
		count(*) filter (where is_completed) as steps_completed,
		sum(estimated_time) as estimated_minutes
	from process_steps
	where traveler_id = t.id
) s
left join lateral (
	select step_number, operation
	from process_steps
	where traveler_id = t.id and not is_completed
	order by step_number
	limit 1
) n on true;
