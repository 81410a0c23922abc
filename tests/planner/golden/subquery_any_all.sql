SELECT k FROM plain a WHERE k > ALL (SELECT price FROM bids) AND k = ANY (SELECT auction FROM bids) AND k < ANY (SELECT bidder FROM bids);
