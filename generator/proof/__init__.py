"""What a PDF proves of itself: its sources taken out, rebuilt and compared; values explained."""
