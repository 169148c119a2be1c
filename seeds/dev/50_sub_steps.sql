-- A step's own key holds a traveler, so a sub-step is found through two tables: that is a join.
insert into sub_steps (process_step_id, step_number, description)
select p.id, s.step_number, s.description
from (
	values
		('8414L', 6, '6.1', 'Insert connectors J1 to J4'),
		('8414L', 6, '6.2', 'Insert electrolytic capacitors'),
		('8414L', 14, '14.1', 'Power-on test'),
		('8414L', 14, '14.2', 'Functional test'),
		('7946L ASSYL', 11, '11.1', 'Power-on test')
) as s (job_number, process_step, step_number, description)
join travelers t on t.job_number = s.job_number
join process_steps p on p.traveler_id = t.id and p.step_number = s.process_step
where not exists (
	select from sub_steps
	where process_step_id = p.id and step_number = s.step_number
);
