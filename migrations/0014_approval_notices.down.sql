drop trigger approvals_decided on approvals;
drop trigger approvals_requested on approvals;
drop function notify_approval();
